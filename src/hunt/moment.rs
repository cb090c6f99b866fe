//! A process at the moment of a snapshot, seen from outside of its heap.

/// Figures of the process and of V8, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub pid: u32,
    pub thread_id: u32,
    /// What of the process is in RAM.
    pub resident: u64,
    /// V8's pages, with or without objects in them.
    pub heap_total: u64,
    /// The objects in them, dead ones among them: a snapshot has those that are alive.
    pub heap_used: u64,
    /// What objects of the heap have told V8 that they hold outside of it.
    pub external: u64,
    /// What V8 itself has taken by malloc.
    pub malloced: u64,
}
