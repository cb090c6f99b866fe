//! The budget of one capture: what it is expected to take, and everything that it is held against, read before the fork and again while the child works.

use super::board::Board;
use super::calibration::{Calibration, Experience, Prediction, Taken, Work};
use super::choice::choose;
use super::failure::Failure;
use super::job::{Config, Job, Mode};
use super::room::{Surroundings, Terms, judge};
use super::shortage::{Place, Shortage};
use crate::os::cgroup::{Cgroup, MemoryGauge, task_levels};
use crate::os::disk::DiskGauge;
use crate::os::limits::process_limits;
use crate::os::machine::MachineGauge;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a child may take between a look and its end: looks are milliseconds apart, but the thread that looks may have to wait for a core.
const REACTION: Duration = Duration::from_millis(60);

pub struct Budget {
    expected: Prediction,
    terms: Terms,
    dir: PathBuf,
    memory: Vec<MemoryGauge>,
    machine: Option<MachineGauge>,
    disk: Option<DiskGauge>,
    work: Work,
    experience: Arc<Mutex<Experience>>,
}

/// The nearest limit at one moment. Bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    pub place: Place,
    pub left: u64,
    /// The least that has to be left.
    pub least: u64,
    pub limit: u64,
}

impl Nearest {
    /// What may still be taken before the child has to be ended.
    pub fn spare(&self) -> u64 {
        self.left.saturating_sub(self.least)
    }

    /// The same, below zero where too much has been taken.
    fn margin(&self) -> i128 {
        i128::from(self.left) - i128::from(self.least)
    }
}

impl Budget {
    /// For a child that does `work` with a heap of which `heap_used` bytes are in use. Opens what is read again and again.
    pub fn open(job: &Job, work: Work, heap_used: u64) -> Self {
        let least_disk = if work == Work::Census { 0 } else { job.limits.min_free_disk_bytes };
        let budget = Self::of(&job.config, &job.naming.dir, least_disk, &job.experience, (work, heap_used));
        if !job.beside_v8 {
            return budget;
        }
        // What the first took is given back by then, but for what the collection wrote to.
        let v8 = job.experience.lock().with(Work::V8).predict(heap_used);
        Self { expected: budget.expected.and(&v8), ..budget }
    }

    fn of(
        config: &Config,
        dir: &Path,
        min_free_disk_bytes: u64,
        experience: &Arc<Mutex<Experience>>,
        (work, heap_used): (Work, u64),
    ) -> Self {
        Self {
            expected: experience.lock().with(work).predict(heap_used),
            work,
            terms: Terms {
                forks: config.mode == Mode::Fork,
                reserve_bytes: config.reserve_bytes,
                max_memory_bytes: config.max_memory_bytes,
                min_free_disk_bytes,
            },
            memory: Cgroup::find().map(|cgroup| cgroup.gauges()).unwrap_or_default(),
            machine: MachineGauge::open(),
            disk: DiskGauge::open(dir).ok(),
            dir: dir.to_owned(),
            experience: Arc::clone(experience),
        }
    }

    /// For work in another process that takes memory alone.
    pub fn of_memory(config: &Config, dir: &Path) -> Self {
        Self::of(config, dir, 0, &Arc::default(), (Work::V8, 0))
    }

    /// Whether there is room for `bytes` of memory in such a process.
    pub fn admit_memory(&self, bytes: u64) -> Result<(), Box<Shortage>> {
        let around = Surroundings {
            memory: self.memory.iter().filter_map(MemoryGauge::read).collect(),
            machine: self.machine.as_ref().and_then(MachineGauge::read),
            ..Surroundings::default()
        };
        let terms = Terms { forks: false, max_memory_bytes: None, ..self.terms };
        judge(&Prediction { memory: bytes, ..Calibration::new(Work::V8).predict(0) }, &terms, &around)
    }

    /// Whether a capture would be admitted now, if the app took its headroom as well: asked ahead of the moment at which the heap is at its limit.
    pub fn has_room_at_limit(
        config: &Config,
        dir: &Path,
        min_free_disk_bytes: u64,
        experience: &Arc<Mutex<Experience>>,
        heap_used: u64,
    ) -> bool {
        let work = choose(config.engine).work();
        let mut budget = Self::of(config, dir, min_free_disk_bytes, experience, (work, heap_used));
        budget.expected.memory = budget.expected.memory.saturating_add(config.headroom_bytes);
        budget.admit().is_ok()
    }

    pub fn expected(&self) -> &Prediction {
        &self.expected
    }

    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether there is room for it now.
    pub fn admit(&self) -> Result<(), Failure> {
        let around = Surroundings {
            memory: self.memory.iter().filter_map(MemoryGauge::read).collect(),
            machine: self.machine.as_ref().and_then(MachineGauge::read),
            tasks: if self.terms.forks { task_levels() } else { Vec::new() },
            limits: process_limits(),
            dir: self.dir.clone(),
            disk: self.disk.as_ref().and_then(DiskGauge::read),
            disk_is_memory: self.disk.as_ref().is_some_and(DiskGauge::is_memory),
        };
        judge(&self.expected, &self.terms, &around).map_err(Failure::Room)
    }

    /// The limit that is nearest to being reached, while memory goes at `rate` bytes a millisecond. A few small reads.
    pub fn nearest(&self, rate: f64) -> Option<Nearest> {
        let disk = self.disk.as_ref().and_then(DiskGauge::read).map(|room| Nearest {
            place: Place::Disk { dir: self.dir.clone() },
            left: room.free_bytes,
            least: self.terms.min_free_disk_bytes,
            limit: room.free_bytes,
        });
        self.nearest_memory(rate).into_iter().chain(disk).min_by_key(Nearest::margin)
    }

    /// The same, of the limits on memory alone.
    pub fn nearest_memory(&self, rate: f64) -> Option<Nearest> {
        let groups = self.memory.iter().filter_map(|gauge| {
            // Farther from the limit than this, page cache does not matter.
            let level = gauge.read_unless_left(|limit| self.terms.reserve(limit, true).saturating_mul(2))?;
            let reserve = self.terms.reserve(level.limit, level.ends_all);
            let (left, limit) = (level.left(), level.limit);
            let place = Place::Cgroup { group: level.group, kind: level.kind, ends_all: level.ends_all };
            Some(Nearest { place, left, least: least(reserve, rate), limit })
        });
        let machine = self.machine.as_ref().and_then(MachineGauge::totals).map(|(total, left)| {
            let reserve = self.terms.reserve(total, false);
            Nearest { place: Place::Machine, left, least: least(reserve, rate), limit: total }
        });
        groups.chain(machine).min_by_key(Nearest::margin)
    }

    /// A finished capture corrects what the next one is judged by.
    pub fn learn(&self, board: &Board) {
        self.experience.lock().with(self.work).learn(Taken {
            heap_used: self.expected.heap_used,
            memory: board.child_private_bytes(),
            text: board.raw_bytes(),
            file: board.bytes(),
        });
    }

    /// A child that was ended had taken so much.
    pub fn learn_at_least(&self, memory: u64) {
        self.experience.lock().with(self.work).learn_at_least(self.expected.heap_used, memory);
    }
}

/// While the child works, half of the reserve is the app's to grow into. The faster memory goes, the earlier the child is ended.
fn least(reserve: u64, rate: f64) -> u64 {
    ((rate * REACTION.as_secs_f64() * 1e3) as u64).clamp(reserve / 2, reserve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_moves_between_half_of_the_reserve_and_all_of_it() {
        assert_eq!(least(100, 0.0), 50);
        assert_eq!(least(100_000_000, 1_200_000.0), 72_000_000);
        assert_eq!(least(100_000_000, 9e9), 100_000_000);
    }

    #[test]
    fn what_may_still_be_taken_is_never_less_than_nothing() {
        let nearest = |left| Nearest { place: Place::Machine, left, least: 50, limit: 100 };
        assert_eq!((nearest(60).spare(), nearest(40).spare()), (10, 0));
    }
}
