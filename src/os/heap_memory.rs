//! The memory of this process, lent as slices of words: for a forked child that reads its copy of the heap.

use super::own_memory::OwnMemory;
use super::proc_text::read_text;
use std::io;
use std::ops::Range;

/// What of the process can be read: its mappings, and any word of them.
pub struct HeapMemory {
    /// Readable private memory without a file behind it, sorted.
    mappings: Vec<Range<u64>>,
    memory: OwnMemory,
}

impl HeapMemory {
    /// Looks which mappings there are at this moment. One line of `/proc/self/maps` for each; a gigabyte of heap has four thousand.
    pub fn scan() -> io::Result<Self> {
        let maps = read_text("/proc/self/maps")?;
        Ok(Self { mappings: maps.lines().filter_map(readable).collect(), memory: OwnMemory::open()? })
    }

    pub fn mappings(&self) -> &[Range<u64>] {
        &self.mappings
    }

    /// Fills `words` from an address on. `false` where they are not mapped; never a fault.
    pub fn peek(&self, address: u64, words: &mut [u64]) -> bool {
        let Ok(address) = usize::try_from(address) else { return false };
        // SAFETY: the same memory as bytes, every value of which is a valid word; borrowed for this call.
        let bytes = unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<u8>(), size_of_val(words)) };
        self.memory.read_exact_at(bytes, address).is_ok()
    }

    /// Lends `work` what can be read of `ranges`, as words with their addresses. Only for a process of one thread, which a forked child is: nobody can
    /// write or unmap any of it while `work` reads. `None` elsewhere. The ranges have to be V8's pages, in which nothing of Rust's is.
    pub fn lend<R>(&self, ranges: &[Range<u64>], work: impl FnOnce(Vec<(u64, &[u64])>) -> R) -> Option<R> {
        if std::fs::read_dir("/proc/self/task").ok()?.count() != 1 {
            return None;
        }
        let readable = |range: &Range<u64>| {
            let first = self.mappings.partition_point(|mapping| mapping.end <= range.start);
            let overlapping = self.mappings[first..].iter().take_while(|mapping| mapping.start < range.end);
            let parts = overlapping.map(|mapping| mapping.start.max(range.start)..mapping.end.min(range.end));
            parts.collect::<Vec<_>>()
        };
        let words = joined(ranges.iter().flat_map(readable)).into_iter().map(|range| {
            let length = ((range.end - range.start) / 8) as usize;
            // SAFETY: mapped and readable at the scan, aligned to a page, and unchanged until `work` is over: this is the only thread, and `work` cannot
            // reach V8, which alone unmaps or writes it. Any bits are a valid word.
            (range.start, unsafe { std::slice::from_raw_parts(range.start as *const u64, length) })
        });
        Some(work(words.collect()))
    }
}

/// Neighbours as one: an object may lie across two mappings.
fn joined(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges.filter(|range| range.start < range.end) {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}

/// The range of a line of `/proc/self/maps`, if it is private readable memory with no file behind it.
fn readable(line: &str) -> Option<Range<u64>> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let permissions = words.next()?;
    let inode = words.nth(2)?;
    // The kernel's own pages, `[vvar]` among them, have names in brackets; of those only malloc's heap is ordinary memory.
    let ordinary = words.next().is_none_or(|name| name == "[heap]" || name.starts_with("[anon"));
    let wanted = permissions.starts_with('r') && permissions.ends_with('p') && inode == "0" && ordinary;
    let parse = |text| u64::from_str_radix(text, 16).ok();
    if wanted { Some(parse(start)?..parse(end)?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_private_memory_is_readable_and_nothing_else() {
        assert_eq!(readable("1000-3000 rw-p 00000000 00:00 0"), Some(0x1000..0x3000));
        assert_eq!(readable("1000-3000 r--p 00000000 00:00 0 [heap]"), Some(0x1000..0x3000));
        for line in [
            "1000-3000 ---p 00000000 00:00 0",
            "1000-3000 rw-s 00000000 00:00 0",
            "1000-3000 r--p 00000000 08:01 77 /lib/libc.so.6",
            "1000-3000 r--p 00000000 00:00 0 [vvar]",
            "",
        ] {
            assert_eq!(readable(line), None, "{line}");
        }
    }

    #[test]
    fn words_are_read_where_they_are_and_nothing_is_lent_to_a_process_with_threads() {
        let memory = HeapMemory::scan().unwrap();
        let values = [7u64, 9];
        let mut words = [0; 2];
        assert!(memory.peek(values.as_ptr() as u64, &mut words));
        assert_eq!(words, [7, 9]);
        assert!(!memory.peek(8, &mut words));
        std::thread::scope(|scope| {
            let (end, ended) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || ended.recv());
            assert!(memory.lend(memory.mappings(), |_| ()).is_none());
            drop(end);
        });
    }

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(joined([0..8, 8..16, 24..32, 40..40].into_iter()), [0..16, 24..32]);
    }
}
