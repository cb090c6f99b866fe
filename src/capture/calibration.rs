//! How much memory and disk a capture is going to take, judged by what earlier ones took.
//!
//! V8's generator takes memory for each node and edge, and V8 counts neither before it has generated them. What it does know at once is the bytes in use,
//! and what those take depends on what the heap is made of: from one byte for each (arrays of numbers) to some twenty-four (promises). So the first capture is
//! judged by a default, and each one corrects it for the next. An earlier capture's count of nodes would say the same as its bytes: both stand for the same heap.

/// What a child is forked for, as far as its needs go: what one sort of work took says nothing of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A snapshot by V8's generator.
    V8,
    /// A snapshot from the heap's pages.
    Pages,
    /// A census, which writes no file.
    Census,
}

/// What is expected where nothing has been measured: for each byte of heap in use, and of the heap of an empty Node.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Defaults {
    memory: f64,
    least_memory: u64,
    text: f64,
    file: f64,
}

/// Small objects and maps take ten bytes of memory for each of theirs, closures fifteen, records read from JSON eighteen, long strings three. docs/capture.md has the table. A heap
/// that takes more is what the watch is there for. Text and file are generous.
const BY_V8: Defaults = Defaults { memory: 12.0, least_memory: 56_000_000, text: 2.5, file: 0.6 };
/// Some 16 bytes for each object and 8 for each edge, and each text once; pages that the collection writes to are copied. 1.4 was measured of small objects, 1.8 with most of the
/// pages written to.
const BY_PAGES: Defaults = Defaults { memory: 2.0, least_memory: 48_000_000, text: 3.0, file: 0.6 };
/// A collection writes marks, and moves what survives off sparse pages: the child's copy of those becomes its own. Walking takes next to nothing. A dense heap took
/// a tenth to a quarter of its size, one full of garbage and gaps as much as nine tenths, or at worst 1.3 times.
const COUNTING: Defaults = Defaults { memory: 1.0, least_memory: 32_000_000, text: 0.0, file: 0.0 };

/// On top of what was measured: heaps change.
const MARGIN: f64 = 1.2;
/// The share of the latest capture in the mean.
const LATEST: f64 = 0.7;
/// A heap that has grown beyond so many times the one that was measured may be made of something else.
const REACH: u64 = 8;

/// What one capture took. Bytes; 0 where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub heap_used: u64,
    pub memory: u64,
    pub text: u64,
    pub file: u64,
}

/// What the next one is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    pub heap_used: u64,
    pub memory: u64,
    pub text: u64,
    pub file: u64,
    /// Bytes of memory for each byte of heap in use.
    pub ratio: f64,
    pub measured: bool,
}

impl Prediction {
    /// For both, one after the other.
    pub fn and(&self, other: &Self) -> Self {
        let sum = |of: fn(&Self) -> u64| of(self).saturating_add(of(other));
        Self { memory: sum(|it| it.memory), text: sum(|it| it.text), file: sum(|it| it.file), ..*self }
    }
}

/// One process's experience with one sort of work. Small enough to be passed about and pure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    defaults: Defaults,
    memory: Option<f64>,
    text: Option<f64>,
    file: Option<f64>,
    largest_heap: u64,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experience {
    v8: Calibration,
    pages: Calibration,
    census: Calibration,
}

impl Default for Experience {
    fn default() -> Self {
        let [v8, pages, census] = [Work::V8, Work::Pages, Work::Census].map(Calibration::new);
        Self { v8, pages, census }
    }
}

impl Work {
    pub const ALL: [Self; 3] = [Self::V8, Self::Pages, Self::Census];
}

impl Experience {
    pub fn with(&mut self, work: Work) -> &mut Calibration {
        match work {
            Work::V8 => &mut self.v8,
            Work::Pages => &mut self.pages,
            Work::Census => &mut self.census,
        }
    }
}

impl Calibration {
    pub fn new(work: Work) -> Self {
        let defaults = match work {
            Work::V8 => BY_V8,
            Work::Pages => BY_PAGES,
            Work::Census => COUNTING,
        };
        Self { defaults, memory: None, text: None, file: None, largest_heap: 0 }
    }

    /// A capture was finished.
    pub fn learn(&mut self, taken: Taken) {
        let heap = taken.heap_used;
        if heap == 0 {
            return;
        }
        self.largest_heap = self.largest_heap.max(heap);
        for (known, bytes) in
            [(&mut self.memory, taken.memory), (&mut self.text, taken.text), (&mut self.file, taken.file)]
        {
            if bytes > 0 {
                let latest = bytes as f64 / heap as f64;
                *known = Some(known.map_or(latest, |before| latest * LATEST + before * (1.0 - LATEST)));
            }
        }
    }

    /// What earlier processes have learned, the newest first, for one that has learned nothing yet.
    pub fn recall(&mut self, newest_first: impl Iterator<Item = Taken>) {
        if self.largest_heap == 0 {
            let mut taken: Vec<Taken> = newest_first.collect();
            taken.reverse();
            taken.into_iter().for_each(|taken| self.learn(taken));
        }
    }

    /// A capture was ended when its child had taken `memory`: it would have taken more. So the next one is refused instead of tried in vain.
    pub fn learn_at_least(&mut self, heap_used: u64, memory: u64) {
        let least = memory as f64 / heap_used.max(1) as f64;
        if least * MARGIN > self.predict(heap_used).ratio {
            self.memory = Some(least);
            self.largest_heap = self.largest_heap.max(heap_used);
        }
    }

    pub fn predict(&self, heap_used: u64) -> Prediction {
        let near = heap_used <= self.largest_heap.saturating_mul(REACH);
        let ratio = |known: Option<f64>, default: f64| match known.map(|known| known * MARGIN) {
            Some(known) if near => known,
            Some(known) => known.max(default),
            None => default,
        };
        let bytes = |ratio: f64| (ratio * heap_used as f64).round() as u64;
        let defaults = self.defaults;
        let memory = ratio(self.memory, defaults.memory);
        Prediction {
            heap_used,
            memory: bytes(memory).max(defaults.least_memory),
            text: bytes(ratio(self.text, defaults.text)),
            file: bytes(ratio(self.file, defaults.file)),
            ratio: memory,
            measured: self.memory.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn taken(heap_used: u64, memory: u64) -> Taken {
        Taken { heap_used, memory, text: heap_used, file: heap_used / 10 }
    }

    #[test]
    fn the_first_capture_is_judged_by_the_default() {
        let predicted = Calibration::new(Work::V8).predict(100 * MB);
        assert_eq!((predicted.memory, predicted.file, predicted.text), (1200 * MB, 60 * MB, 250 * MB));
        assert!(!predicted.measured);
        assert_eq!(
            Calibration::new(Work::V8).predict(MB).memory,
            BY_V8.least_memory,
            "an empty heap takes something, too"
        );
    }

    #[test]
    fn what_one_sort_of_work_took_says_nothing_of_the_others() {
        let mut experience = Experience::default();
        experience.with(Work::V8).learn(taken(100 * MB, 3000 * MB));
        let memory = [Work::V8, Work::Pages, Work::Census].map(|work| experience.with(work).predict(100 * MB).memory);
        assert_eq!(memory, [3600 * MB, 200 * MB, 100 * MB]);
        assert_eq!(experience.with(Work::Census).predict(100 * MB).file, 0);
    }

    #[test]
    fn captures_replace_the_default_and_the_latest_weighs_most() {
        let mut calibration = Calibration::new(Work::V8);
        calibration.learn(taken(100 * MB, 200 * MB));
        let first = calibration.predict(100 * MB);
        assert_eq!((first.memory, first.file, first.measured), (240 * MB, 12 * MB, true));
        calibration.learn(taken(100 * MB, 1200 * MB));
        // 0.7 x 12 + 0.3 x 2 = 9, and a fifth on top.
        assert_eq!(calibration.predict(100 * MB).memory, 1080 * MB);
    }

    #[test]
    fn what_earlier_processes_learned_counts_until_this_one_has_learned_something() {
        let (mut recalled, mut learned) = (Calibration::new(Work::V8), Calibration::new(Work::V8));
        recalled.recall([taken(100 * MB, 1200 * MB), taken(100 * MB, 200 * MB)].into_iter());
        learned.learn(taken(100 * MB, 200 * MB));
        learned.learn(taken(100 * MB, 1200 * MB));
        assert_eq!(recalled, learned);
        recalled.recall([taken(100 * MB, 9000 * MB)].into_iter());
        assert_eq!(recalled, learned);
    }

    #[test]
    fn a_small_heap_says_little_about_one_that_is_many_times_as_large() {
        let mut calibration = Calibration::new(Work::V8);
        calibration.learn(taken(10 * MB, 20 * MB));
        assert_eq!(calibration.predict(80 * MB).ratio, 2.0 * MARGIN);
        assert_eq!(calibration.predict(81 * MB).ratio, BY_V8.memory);
    }

    #[test]
    fn a_capture_that_was_ended_for_want_of_room_raises_the_estimate_and_never_lowers_it() {
        let mut calibration = Calibration::new(Work::V8);
        calibration.learn_at_least(100 * MB, 500 * MB);
        assert_eq!(calibration, Calibration::new(Work::V8));
        calibration.learn_at_least(100 * MB, 1500 * MB);
        assert_eq!(calibration.predict(100 * MB).memory, 1800 * MB);
    }

    #[test]
    fn what_is_not_known_teaches_nothing() {
        let mut calibration = Calibration::new(Work::V8);
        calibration.learn(Taken { heap_used: 0, memory: 5, text: 5, file: 5 });
        calibration.learn(Taken { heap_used: 100 * MB, memory: 0, text: 0, file: 10 * MB });
        let predicted = calibration.predict(100 * MB);
        assert_eq!((predicted.ratio, predicted.measured, predicted.file), (BY_V8.memory, false, 12 * MB));
    }
}
