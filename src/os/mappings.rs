//! The pages that V8 keeps out of a forked child, and how to let them in.
//!
//! Node builds V8 so that it marks every mapping of its own `MADV_DONTFORK` (flag `dc` in `/proc/self/smaps`): `child_process` forks
//! faster without them. A child that is to read the heap needs them, so they are made forkable for the length of one fork.

use super::blocks::large_blocks;
use super::own_memory::OwnMemory;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::time::{Duration, Instant};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ScanError {
    #[error("cannot read /proc/self/smaps: {0}")]
    Unreadable(#[from] io::Error),
    #[error("no mapping of this process is marked MADV_DONTFORK, as V8 marks its heap")]
    NoHiddenPages,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub start: usize,
    pub end: usize,
}

/// What of the process need not be in the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Nothing,
    /// Large blocks of malloc: the contents of array buffers.
    LargeBlocks,
}

/// What one scan saw. Made off the main thread, since it walks page tables (15 ms at 300 MB), and used within moments.
#[derive(Debug)]
pub struct ForkMap {
    /// Exactly the hidden mappings, neighbours joined.
    hidden: Vec<Range>,
    /// Stretches from one hidden mapping to another with nothing in between that `madvise` would refuse. A page that V8 maps after
    /// the scan falls into one of these nearly always, so the child has it too.
    spans: Vec<Range>,
    /// Anonymous memory that is not hidden, in which large blocks of malloc may be.
    anonymous: Vec<Range>,
    left_out: Vec<Range>,
    scanned: Instant,
}

impl ForkMap {
    pub fn scan(leave: Leave) -> Result<Self, ScanError> {
        let mut map = Self::parse(BufReader::with_capacity(1 << 16, File::open("/proc/self/smaps")?))?;
        if map.hidden.is_empty() {
            return Err(ScanError::NoHiddenPages);
        }
        if leave == Leave::LargeBlocks {
            let memory = OwnMemory::open()?;
            map.left_out = large_blocks(&map.anonymous, |address| {
                let mut words = [0u8; 16];
                memory.read_exact_at(&mut words, address).ok()?;
                let (before, size) = words.split_at(8);
                Some([u64::from_ne_bytes(before.try_into().ok()?), u64::from_ne_bytes(size.try_into().ok()?)])
            });
        }
        Ok(map)
    }

    /// Bytes that the child will lack because it does not need them.
    pub fn left_out_bytes(&self) -> u64 {
        self.left_out.iter().map(|range| (range.end - range.start) as u64).sum()
    }

    /// How long ago the scan ended: the older, the likelier that an address means something else by now.
    pub fn age(&self) -> Duration {
        self.scanned.elapsed()
    }

    fn parse(smaps: impl BufRead) -> io::Result<Self> {
        let mut hidden: Vec<Range> = Vec::new();
        let mut spans: Vec<Range> = Vec::new();
        let mut anonymous: Vec<Range> = Vec::new();
        let mut current: Option<(Range, bool)> = None;
        let mut span_open = false;
        // Names of mapped files are bytes, and need be no UTF-8.
        for line in smaps.split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            if let Some(flags) = line.strip_prefix("VmFlags:") {
                let Some((range, nameless)) = current.take() else { continue };
                let has = |wanted: &[&str]| flags.split_ascii_whitespace().any(|flag| wanted.contains(&flag));
                let hidden_by_v8 = has(&["dc"]) && !has(&["sh"]);
                if has(&["io", "pf", "mm", "de"]) || (has(&["dc"]) && !hidden_by_v8) {
                    // VM_SPECIAL: a device's memory, where `madvise(MADV_DOFORK)` answers EINVAL and stops. It and shared memory are hidden for reasons of their own.
                    span_open = false;
                } else if hidden_by_v8 {
                    match hidden.last_mut() {
                        Some(last) if last.end == range.start => last.end = range.end,
                        _ => hidden.push(range),
                    }
                    match spans.last_mut() {
                        Some(last) if span_open => last.end = range.end,
                        _ => spans.push(range),
                    }
                    span_open = true;
                } else if nameless && !has(&["gd", "ht"]) {
                    anonymous.push(range);
                }
            } else if line.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_lowercase()) {
                current = header(&line);
            }
        }
        Ok(Self { hidden, spans, anonymous, left_out: Vec::new(), scanned: Instant::now() })
    }

    /// Lets the hidden pages into the next fork. Holes and ordinary mappings within a span are not changed by it.
    pub(super) fn show(&self) {
        for span in &self.spans {
            if let Err(error) = advise(*span, libc::MADV_DOFORK)
                && error.raw_os_error() != Some(libc::ENOMEM)
            {
                let inside = self.hidden.iter().filter(|range| span.start <= range.start && range.end <= span.end);
                inside.for_each(|range| drop(advise(*range, libc::MADV_DOFORK)));
            }
        }
        for block in &self.left_out {
            drop(advise(*block, libc::MADV_DONTFORK));
        }
    }

    /// Puts the marks back, at the addresses that had them at the scan: hiding memory that is not V8's would break the app's own forks, which is why an old
    /// list is not used. A page mapped since then stays visible, which costs a later fork of the app its page-table entries and no more.
    pub(super) fn hide(&self) {
        for range in &self.hidden {
            // An error means that V8 has unmapped some of it, and what is left was marked.
            drop(advise(*range, libc::MADV_DONTFORK));
        }
        for block in &self.left_out {
            drop(advise(*block, libc::MADV_DOFORK));
        }
    }
}

fn advise(range: Range, advice: libc::c_int) -> io::Result<()> {
    // SAFETY: neither advice reads, writes or unmaps memory: they change what a fork copies.
    let done = unsafe { libc::madvise(range.start as *mut libc::c_void, range.end - range.start, advice) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// `7f52…-7f53… rw-p 00000000 00:00 0`: the range, and whether it is private writable memory with neither file nor name.
fn header(line: &str) -> Option<(Range, bool)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let parse = |text| usize::from_str_radix(text, 16).ok();
    let nameless = words.next() == Some("rw-p") && words.nth(2) == Some("0") && words.next().is_none();
    Some((Range { start: parse(start)?, end: parse(end)? }, nameless))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: usize, end: usize) -> Range {
        Range { start, end }
    }

    const SMAPS: &str = "\
10000-20000 rw-p 00000000 00:00 0\nSize: 64 kB\nVmFlags: rd wr mr mw me dc ac sd \n\
20000-30000 rw-p 00000000 00:00 0\nVmFlags: rd wr mr mw me dc ac sd \n\
50000-60000 rw-p 00000000 00:00 0 [heap]\nVmFlags: rd wr mr mw me ac sd \n\
70000-80000 ---p 00000000 00:00 0\nVmFlags: mr mw me dc sd \n\
90000-91000 r--p 00000000 00:00 0 [vvar]\nVmFlags: rd mr pf io de dd dc sd \n\
a0000-b0000 r-xp 00000000 00:00 0\nVmFlags: rd ex mr mw me dc sd \n";

    #[test]
    fn hidden_neighbours_are_joined_and_others_left_out() {
        let map = ForkMap::parse(SMAPS.as_bytes()).unwrap();
        assert_eq!(map.anonymous, [], "the heap of malloc has a name, and V8's pages are hidden");
        assert_eq!(map.hidden, [range(0x10000, 0x30000), range(0x70000, 0x80000), range(0xa0000, 0xb0000)]);
    }

    #[test]
    fn a_mapped_file_whose_name_is_no_utf_8_is_one_like_others() {
        let smaps =
            [&b"8000-9000 r--p 00000000 00:21 5 /tmp/lib\xe9.so\nVmFlags: rd mr mw me sd \n"[..], SMAPS.as_bytes()];
        let map = ForkMap::parse(&smaps.concat()[..]).unwrap();
        assert_eq!(map.hidden, ForkMap::parse(SMAPS.as_bytes()).unwrap().hidden);
    }

    #[test]
    fn spans_cover_holes_and_ordinary_memory_but_no_special_mapping() {
        let map = ForkMap::parse(SMAPS.as_bytes()).unwrap();
        assert_eq!(map.spans, [range(0x10000, 0x80000), range(0xa0000, 0xb0000)]);
    }
}
