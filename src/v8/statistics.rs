//! Heap statistics read word by word.
//!
//! V8 fills `HeapStatistics`, `HeapSpaceStatistics` and `HeapCodeStatistics` in place. They are rows of machine words that only ever
//! grow at the end (Node 26 has one word more than Node 20), so a zeroed buffer of [`WORDS`] words is safe for all of them.
//! One read takes a fifth of a microsecond.

use super::Isolate;
use super::symbols::symbols;
use std::ffi::{CStr, c_char};

/// Four times the largest of these structs that any Node from 20 to 26 has.
const WORDS: usize = 64;

/// A word of `v8::HeapStatistics`, in the order of its members in `v8-statistics.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Word {
    TotalHeapSize = 0,
    TotalHeapSizeExecutable = 1,
    TotalPhysicalSize = 2,
    TotalAvailableSize = 3,
    UsedHeapSize = 4,
    HeapSizeLimit = 5,
    MallocedMemory = 6,
    ExternalMemory = 7,
    PeakMallocedMemory = 8,
    NumberOfNativeContexts = 10,
    NumberOfDetachedContexts = 11,
    TotalGlobalHandlesSize = 12,
    UsedGlobalHandlesSize = 13,
}

impl Word {
    /// Each word with the name that `v8.getHeapStatistics()` gives it.
    pub const NAMED: [(Word, &'static str); 13] = [
        (Word::TotalHeapSize, "total_heap_size"),
        (Word::TotalHeapSizeExecutable, "total_heap_size_executable"),
        (Word::TotalPhysicalSize, "total_physical_size"),
        (Word::TotalAvailableSize, "total_available_size"),
        (Word::UsedHeapSize, "used_heap_size"),
        (Word::HeapSizeLimit, "heap_size_limit"),
        (Word::MallocedMemory, "malloced_memory"),
        (Word::ExternalMemory, "external_memory"),
        (Word::PeakMallocedMemory, "peak_malloced_memory"),
        (Word::NumberOfNativeContexts, "number_of_native_contexts"),
        (Word::NumberOfDetachedContexts, "number_of_detached_contexts"),
        (Word::TotalGlobalHandlesSize, "total_global_handles_size"),
        (Word::UsedGlobalHandlesSize, "used_global_handles_size"),
    ];
}

/// The figures of one heap at one moment. Bytes, but for the numbers of contexts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStatistics([u64; 14]);

impl HeapStatistics {
    pub fn get(&self, word: Word) -> u64 {
        self.0[word as usize]
    }

    /// Builds the figures from a source of named values: the JavaScript way.
    pub fn from_named(mut value: impl FnMut(&str) -> u64) -> Self {
        let mut words = [0; 14];
        for (word, name) in Word::NAMED {
            words[word as usize] = value(name);
        }
        Self(words)
    }

    pub fn used(&self) -> u64 {
        self.get(Word::UsedHeapSize)
    }
    pub fn total(&self) -> u64 {
        self.get(Word::TotalHeapSize)
    }
    pub fn limit(&self) -> u64 {
        self.get(Word::HeapSizeLimit)
    }
    pub fn external(&self) -> u64 {
        self.get(Word::ExternalMemory)
    }
    pub fn malloced(&self) -> u64 {
        self.get(Word::MallocedMemory)
    }
}

/// One heap space (`new_space`, `old_space`, …). Bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapSpace {
    pub name: String,
    pub size: u64,
    pub used: u64,
    pub available: u64,
    pub physical: u64,
}

/// Where objects begin their life. Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YoungGeneration {
    pub size: u64,
    pub used: u64,
}

/// What compiled code and its bookkeeping take. Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeStatistics {
    pub code_and_metadata: u64,
    pub bytecode_and_metadata: u64,
    pub external_script_source: u64,
}

impl Isolate {
    /// `Isolate::GetHeapStatistics`. Neither allocates nor runs JavaScript: allowed inside a GC callback and an interrupt.
    pub fn heap_statistics(self) -> Option<HeapStatistics> {
        let read = symbols().get_heap_statistics?;
        let mut words = [0u64; WORDS];
        // SAFETY: on the isolate's thread (this type's duty); the buffer is larger than the struct of any version and outlives the call.
        unsafe { read(self.raw(), words.as_mut_ptr()) };
        let mut statistics = HeapStatistics::default();
        statistics.0.copy_from_slice(&words[..14]);
        Some(statistics)
    }

    /// Every heap space of this isolate, in V8's order.
    pub fn heap_spaces(self) -> Option<Vec<HeapSpace>> {
        let (count, read) = (symbols().number_of_heap_spaces?, symbols().get_heap_space_statistics?);
        // SAFETY: on the isolate's thread; takes no buffer.
        let count = unsafe { count(self.raw()) }.min(WORDS);
        (0..count)
            .map(|index| {
                let mut words = [0u64; WORDS];
                // SAFETY: as in `heap_statistics`; an index out of range is answered with `false`.
                let known = unsafe { read(self.raw(), words.as_mut_ptr(), index) };
                let name = words[0] as *const c_char;
                if !known || name.is_null() {
                    return None;
                }
                // SAFETY: the first member is the space's name, a string literal inside V8 ("new_space"), alive for the whole process.
                let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?.to_owned();
                Some(HeapSpace { name, size: words[1], used: words[2], available: words[3], physical: words[4] })
            })
            .collect()
    }

    /// The spaces of the young generation, summed up. Unlike [`Isolate::heap_spaces`] it allocates nothing.
    pub fn young_generation(self) -> Option<YoungGeneration> {
        let (count, read) = (symbols().number_of_heap_spaces?, symbols().get_heap_space_statistics?);
        // SAFETY: on the isolate's thread; takes no buffer.
        let count = unsafe { count(self.raw()) }.min(WORDS);
        let mut young = YoungGeneration::default();
        for index in 0..count {
            let mut words = [0u64; WORDS];
            // SAFETY: as in `heap_statistics`; an index out of range is answered with `false`.
            let known = unsafe { read(self.raw(), words.as_mut_ptr(), index) };
            let name = words[0] as *const c_char;
            if !known || name.is_null() {
                return None;
            }
            // SAFETY: as in `heap_spaces`: a string literal inside V8.
            let name = unsafe { CStr::from_ptr(name) };
            if name == c"new_space" || name == c"new_large_object_space" {
                young.size += words[1];
                young.used += words[2];
            }
        }
        Some(young)
    }

    /// `Isolate::GetHeapCodeAndMetadataStatistics`.
    pub fn code_statistics(self) -> Option<CodeStatistics> {
        let read = symbols().get_code_statistics?;
        let mut words = [0u64; WORDS];
        // SAFETY: as in `heap_statistics`.
        unsafe { read(self.raw(), words.as_mut_ptr()) }.then_some(CodeStatistics {
            code_and_metadata: words[0],
            bytecode_and_metadata: words[1],
            external_script_source: words[2],
        })
    }
}
