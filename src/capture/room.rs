//! Whether a capture fits into what there is: a pure judgement over figures that have been read elsewhere.
//!
//! Every limit is asked for itself, since each ends a capture in its own way: a memory cgroup by killing, a strict kernel by refusing the fork,
//! an `ulimit` by failing an allocation. What can be asked before costs the app nothing; what is found out by forking has stopped it in vain.

use super::calibration::Prediction;
use super::shortage::{Place, Shortage};
use crate::os::cgroup::{MemoryLevel, TaskLevel};
use crate::os::disk::DiskRoom;
use crate::os::limits::{Limit, ProcessLimits};
use crate::os::machine::MachineMemory;
use std::path::PathBuf;

/// Of each memory limit this part is kept for the app, within bounds.
const RESERVE_PART: u64 = 16;
const LEAST_RESERVE: u64 = 32 << 20;
const LARGEST_RESERVE: u64 = 256 << 20;

/// What the child needs of other things: descriptors while it starts, and two files.
const DESCRIPTORS: u64 = 8;
const FILES: u64 = 2;

/// What the user and the way of capture ask for.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// A child is forked; otherwise V8 works in the app itself.
    pub forks: bool,
    pub reserve_bytes: Option<u64>,
    pub max_memory_bytes: Option<u64>,
    pub min_free_disk_bytes: u64,
}

/// Everything that limits, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub memory: Vec<MemoryLevel>,
    pub machine: Option<MachineMemory>,
    pub tasks: Vec<TaskLevel>,
    pub limits: ProcessLimits,
    pub dir: PathBuf,
    pub disk: Option<DiskRoom>,
    /// The directory's files take memory (tmpfs).
    pub disk_is_memory: bool,
}

impl Terms {
    /// What is kept for the app of `whole`. Where the kernel would end the app with its child, twice as much.
    pub fn reserve(&self, whole: u64, ends_all: bool) -> u64 {
        let reserve =
            self.reserve_bytes.unwrap_or_else(|| (whole / RESERVE_PART).clamp(LEAST_RESERVE, LARGEST_RESERVE));
        if ends_all { reserve.saturating_mul(2) } else { reserve }
    }

    /// What the file takes on disk at its largest. The in-process way has V8's text beside it.
    pub fn disk_bytes(&self, expected: &Prediction) -> u64 {
        if self.forks { expected.file } else { expected.file.saturating_add(expected.text) }
    }
}

/// `Ok` if `expected` fits everywhere.
pub fn judge(expected: &Prediction, terms: &Terms, around: &Surroundings) -> Result<(), Box<Shortage>> {
    let in_memory = if around.disk_is_memory { terms.disk_bytes(expected) } else { 0 };
    let memory = expected.memory.saturating_add(in_memory);
    let nothing = |_limit: u64| 0;
    let asked = Asked { expected, forks: terms.forks };
    if let Some(limit) = terms.max_memory_bytes {
        asked.fits(Place::MaxMemory, expected.memory, limit, 0, nothing)?;
    }
    // Of all groups the tightest, so that what is advised helps.
    let room = |level: &MemoryLevel| level.left().saturating_sub(terms.reserve(level.limit, level.ends_all));
    if let Some(level) = around.memory.iter().min_by_key(|level| room(level)) {
        let place = Place::Cgroup { group: level.group.clone(), kind: level.kind, ends_all: level.ends_all };
        asked.fits(place, memory, level.limit, level.held(), |limit| terms.reserve(limit, level.ends_all))?;
    }
    if let Some(machine) = around.machine {
        let held = machine.total.saturating_sub(machine.available);
        asked.fits(Place::Machine, memory, machine.total, held, |total| terms.reserve(total, false))?;
        if let Some(commit) = machine.commit {
            // A fork promises every private page a second time, whether it is ever written to or not.
            let forked = if terms.forks { around.limits.data_used } else { 0 };
            asked.fits(Place::Commit, memory.saturating_add(forked), commit.limit, commit.promised, nothing)?;
        }
    }
    let within = |place, needed, limit: Option<Limit>| match limit {
        Some(Limit { limit, used }) => asked.fits(place, needed, limit, used, nothing),
        None => Ok(()),
    };
    within(Place::AddressSpace, expected.memory, around.limits.address_space)?;
    within(Place::Data, expected.memory, around.limits.data)?;
    within(Place::FileSize, terms.disk_bytes(expected), around.limits.file_size)?;
    within(Place::Descriptors, DESCRIPTORS, around.limits.descriptors)?;
    if terms.forks {
        within(Place::UserTasks, 1, around.limits.tasks)?;
        for level in &around.tasks {
            asked.fits(Place::Tasks { group: level.group.clone() }, 1, level.limit, level.used, nothing)?;
        }
    }
    if let Some(disk) = around.disk {
        let place = Place::Disk { dir: around.dir.clone() };
        asked.fits(place, terms.disk_bytes(expected), disk.free_bytes, 0, |_| terms.min_free_disk_bytes)?;
        if let Some(inodes) = disk.free_inodes {
            asked.fits(Place::Inodes { dir: around.dir.clone() }, FILES, inodes, 0, nothing)?;
        }
    }
    Ok(())
}

struct Asked<'a> {
    expected: &'a Prediction,
    forks: bool,
}

impl Asked<'_> {
    /// `reserve` is what is kept of a limit of so many bytes.
    fn fits(
        &self,
        place: Place,
        needed: u64,
        limit: u64,
        held: u64,
        reserve: impl Fn(u64) -> u64,
    ) -> Result<(), Box<Shortage>> {
        let kept = reserve(limit);
        let taken = needed.saturating_add(held);
        if taken.saturating_add(kept) <= limit {
            return Ok(());
        }
        // More is kept of a higher limit: a fixed point, reached from below, since that grows far slower than the limit.
        let limit_to_advise = (0..4).fold(limit, |limit, _| taken.saturating_add(reserve(limit)));
        Err(Box::new(Shortage {
            place,
            needed,
            limit,
            held,
            reserve: kept,
            limit_to_advise,
            expected: *self.expected,
            forks: self.forks,
        }))
    }
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
