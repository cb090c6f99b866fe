//! What parent and child tell each other while the child works: a shared page of atomics.
//!
//! Each field has one writer. A value is read for its own sake and guards no other memory, so relaxed order serves, but for `phase`: it is
//! stored with release after the figures of the phase before, and loaded with acquire before they are read.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// How far the child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Phase {
    /// Inside `fork`: handlers of other libraries run there.
    Forking = 0,
    Starting = 1,
    Confining = 2,
    Generating = 3,
    Writing = 4,
    Finishing = 5,
    Done = 6,
    Failed = 7,
    Collecting = 8,
    Counting = 9,
}

impl Phase {
    pub fn doing(self) -> &'static str {
        match self {
            Self::Forking => "coming out of fork()",
            Self::Starting => "starting",
            Self::Confining => "shutting itself off from the world",
            Self::Generating => "generating the snapshot",
            Self::Writing => "writing the snapshot",
            Self::Finishing => "syncing and renaming the files",
            Self::Done => "done",
            Self::Failed => "failing",
            Self::Collecting => "collecting garbage",
            Self::Counting => "counting objects",
        }
    }

    fn from_number(number: u32) -> Self {
        [
            Self::Forking,
            Self::Starting,
            Self::Confining,
            Self::Generating,
            Self::Writing,
            Self::Finishing,
            Self::Done,
            Self::Collecting,
            Self::Counting,
        ]
        .into_iter()
        .find(|phase| *phase as u32 == number)
        .unwrap_or(Self::Failed)
    }
}

#[derive(Debug, Default)]
pub struct Board {
    phase: AtomicU32,
    /// The phase in which it failed, and the `errno` of that.
    failed_in: AtomicU32,
    errno: AtomicI32,
    /// Why the text could not be redacted, if that was it.
    not_redacted: Words,
    /// What is wrong with what was read of the heap's pages, if that was it.
    not_read: Words,
    /// What was read, and how much V8 has, if these are not the same.
    not_added_up: Words,
    /// JSON text written, before compression.
    raw_bytes: AtomicU64,
    /// Bytes of the finished file.
    bytes: AtomicU64,
    nodes: AtomicU64,
    /// The child's own memory at its highest, known once the text is written.
    child_private_bytes: AtomicU64,
    /// The child has closed the attempt in the journal.
    journalled: AtomicBool,
    /// Written by the parent: the stop of the app, for the child's sidecar. At least 1 once it is known.
    pause_ns: AtomicU64,
}

/// A line of text in shared memory: it needs no heap, and one process's pointers mean nothing in another.
#[derive(Debug)]
struct Words {
    length: AtomicU32,
    bytes: [AtomicU8; 240],
}

impl Default for Words {
    fn default() -> Self {
        Self { length: AtomicU32::new(0), bytes: [const { AtomicU8::new(0) }; 240] }
    }
}

impl Words {
    fn set(&self, text: &str) {
        let kept = text.len().min(self.bytes.len());
        for (slot, byte) in self.bytes.iter().zip(text.bytes()) {
            slot.store(byte, Ordering::Relaxed);
        }
        self.length.store(kept as u32, Ordering::Relaxed);
    }

    fn get(&self) -> Option<String> {
        let length = self.length.load(Ordering::Relaxed) as usize;
        let bytes: Vec<u8> = self.bytes.iter().take(length).map(|byte| byte.load(Ordering::Relaxed)).collect();
        (length > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Board {
    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u32, Ordering::Release);
    }

    pub fn phase(&self) -> Phase {
        Phase::from_number(self.phase.load(Ordering::Acquire))
    }

    pub fn fail(&self, error: &std::io::Error) {
        self.failed_in.store(self.phase.load(Ordering::Relaxed), Ordering::Relaxed);
        self.errno.store(error.raw_os_error().unwrap_or(0), Ordering::Relaxed);
        self.enter(Phase::Failed);
    }

    /// The phase it failed in and the operating system's word for it, once `phase` is `Failed`.
    pub fn failure(&self) -> (Phase, Option<std::io::Error>) {
        let errno = self.errno.load(Ordering::Relaxed);
        let error = (errno != 0).then(|| std::io::Error::from_raw_os_error(errno));
        (Phase::from_number(self.failed_in.load(Ordering::Relaxed)), error)
    }

    /// The text was not understood. The words name a section and a byte, nothing of what stood there.
    pub fn fail_to_redact(&self, why: &str) {
        self.fail_with(&self.not_redacted, why);
    }

    /// What was read of the heap's pages is not as much as V8 has.
    pub fn fail_to_add_up(&self, why: &str) {
        self.fail_with(&self.not_added_up, why);
    }

    pub fn sum_failure(&self) -> Option<String> {
        self.not_added_up.get()
    }

    /// The heap's pages were not understood. The words have figures, and nothing of what stands on the heap.
    pub fn fail_to_read(&self, why: &str) {
        self.fail_with(&self.not_read, why);
    }

    fn fail_with(&self, words: &Words, why: &str) {
        words.set(why);
        self.failed_in.store(self.phase.load(Ordering::Relaxed), Ordering::Relaxed);
        self.enter(Phase::Failed);
    }

    pub fn redaction_failure(&self) -> Option<String> {
        self.not_redacted.get()
    }

    pub fn reading_failure(&self) -> Option<String> {
        self.not_read.get()
    }

    pub fn add_raw(&self, bytes: usize) {
        self.raw_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn set_result(&self, bytes: u64, nodes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.nodes.store(nodes, Ordering::Relaxed);
    }

    pub fn set_child_private(&self, bytes: u64) {
        self.child_private_bytes.store(bytes, Ordering::Relaxed);
    }
    pub fn child_private_bytes(&self) -> u64 {
        self.child_private_bytes.load(Ordering::Relaxed)
    }

    pub fn raw_bytes(&self) -> u64 {
        self.raw_bytes.load(Ordering::Relaxed)
    }
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
    pub fn nodes(&self) -> u64 {
        self.nodes.load(Ordering::Relaxed)
    }

    pub fn set_journalled(&self) {
        self.journalled.store(true, Ordering::Relaxed);
    }

    pub fn is_journalled(&self) -> bool {
        self.journalled.load(Ordering::Relaxed)
    }

    pub fn set_pause(&self, pause: std::time::Duration) {
        self.pause_ns.store((pause.as_nanos() as u64).max(1), Ordering::Relaxed);
    }

    /// Milliseconds; `None` until the parent has told it.
    pub fn pause_ms(&self) -> Option<f64> {
        let nanoseconds = self.pause_ns.load(Ordering::Relaxed);
        (nanoseconds > 0).then_some(nanoseconds as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_through_and_long_ones_are_cut() {
        let board = Board::default();
        assert_eq!(board.redaction_failure(), None);
        board.enter(Phase::Writing);
        board.fail_to_redact("snapshot ends inside `nodes` at byte 7");
        assert_eq!(board.redaction_failure().as_deref(), Some("snapshot ends inside `nodes` at byte 7"));
        assert_eq!((board.phase(), board.failure().0), (Phase::Failed, Phase::Writing));
        board.fail_to_redact(&"é".repeat(1000));
        assert!(board.redaction_failure().is_some_and(|words| words.chars().all(|letter| letter == 'é')));
    }
}
