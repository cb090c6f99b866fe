//! Room for the analysis: the same limits that a capture is held against, but for memory alone.

use super::NoVerdict;
use crate::capture::budget::Budget;
use crate::capture::job::Config;
use crate::os::memory::ChildGauge;
use std::path::Path;

/// What the process takes of its own: Node, and for each byte of V8's text its part of the graph with dominators and paths. docs/unattended.md has what was measured.
const LEAST: u64 = 100_000_000;
const FOR_EACH_BYTE: f64 = 1.5;

pub struct Room {
    budget: Budget,
    max_memory_bytes: Option<u64>,
}

impl Room {
    pub fn open(config: &Config, dir: &Path, max_memory_bytes: Option<u64>) -> Self {
        Self { budget: Budget::of_memory(config, dir), max_memory_bytes }
    }

    /// Whether there is room for snapshots of which the largest has so many bytes of text.
    pub fn admit(&self, raw_bytes: u64) -> Result<(), NoVerdict> {
        let needed_bytes = LEAST + (raw_bytes as f64 * FOR_EACH_BYTE) as u64;
        let short = |left_bytes, place: &str| NoVerdict::Room { needed_bytes, left_bytes, place: place.to_owned() };
        if let Some(most) = self.max_memory_bytes.filter(|most| *most < needed_bytes) {
            return Err(short(most, "hunt.maxMemoryBytes"));
        }
        self.budget.admit_memory(needed_bytes).map_err(|shortage| short(shortage.left(), &shortage.place.to_string()))
    }

    /// Why the process `pid` has to be ended now, as a part of a sentence after "it".
    pub fn short(&self, pid: u32) -> Option<String> {
        let taken = ChildGauge::open(pid.cast_signed())?.anonymous_bytes().unwrap_or(0);
        if let Some(most) = self.max_memory_bytes.filter(|most| *most < taken) {
            return Some(format!("had taken {} MB, and hunt.maxMemoryBytes allows {} MB", mb(taken), mb(most)));
        }
        let nearest = self.budget.nearest_memory(0.0)?;
        (nearest.spare() == 0)
            .then(|| format!("had taken {} MB, and {} had no more to spare", mb(taken), nearest.place))
    }
}

fn mb(bytes: u64) -> u64 {
    bytes / 1_000_000
}
