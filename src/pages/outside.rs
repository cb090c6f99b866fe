//! Memory of the process beside V8's pages, from where V8 holds objects and keeps what belongs to them.

use super::chunk::Peek;
use super::regions::pointee;

/// What of it may be looked at.
pub struct Outside<'a> {
    /// Where the isolate is.
    pub isolate: u64,
    /// Its first words.
    pub words: &'a [u64],
    /// Reads words from an address on; `false` where nothing is mapped.
    pub peek: Peek<'a>,
    /// The words of the stack of the isolate's thread.
    pub stack: &'a [u64],
}

impl Outside<'_> {
    /// Where there is nothing to be read.
    pub const NOTHING: Outside<'static> = Outside { isolate: 0, words: &[], peek: &|_, _| false, stack: &[] };

    /// The objects that the isolate itself points to, in order: its table of roots, and some lists of V8's own, weak ones among them.
    pub fn pointees(&self) -> Vec<u64> {
        pointees(self.words)
    }

    /// The objects that the stack points to, in order: what its functions have in hand, and what they have left there.
    pub fn on_stack(&self) -> Vec<u64> {
        pointees(self.stack)
    }
}

fn pointees(words: &[u64]) -> Vec<u64> {
    let mut objects: Vec<u64> = words.iter().filter_map(|word| pointee(*word)).collect();
    objects.sort_unstable();
    objects.dedup();
    objects
}
