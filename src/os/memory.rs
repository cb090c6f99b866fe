//! What this process takes, as Linux counts it (`/proc/self/status`, proc_pid_status(5)).

use super::proc_text::read_text;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Bytes. The kernel counts in pages, and updates the resident set lazily.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessMemory {
    /// Everything of this process that is in memory (`VmRSS`).
    pub resident: u64,
    /// The highest that `resident` ever was (`VmHWM`).
    pub peak_resident: u64,
    /// Machine code mapped from the executable and its libraries (`VmExe` + `VmLib`).
    pub code_segment: u64,
    /// The main thread's stack (`VmStk`).
    pub stack: u64,
}

/// One read of `/proc/self/status`: about ten microseconds. `None` where there is no `/proc`.
pub fn process_memory() -> Option<ProcessMemory> {
    read_text("/proc/self/status").ok().map(|status| parse_status(&status))
}

/// The resident set alone, from the shorter `/proc/self/statm`. Held open: an app that has run out of descriptors is still measured.
pub struct ResidentGauge {
    statm: File,
    page: u64,
}

impl ResidentGauge {
    pub fn open() -> Option<Self> {
        File::open("/proc/self/statm").ok().map(|statm| Self { statm, page: page_size() })
    }

    pub fn read(&self) -> Option<u64> {
        let (resident, _) = resident_pages(&self.statm)?;
        Some(resident * self.page)
    }
}

/// The pages in memory, and how many of them belong to files.
fn resident_pages(statm: &File) -> Option<(u64, u64)> {
    let mut text = [0u8; 128];
    let length = statm.read_at(&mut text, 0).ok()?;
    let mut pages = std::str::from_utf8(&text[..length]).ok()?.split(' ').skip(1).map(|word| word.parse::<u64>().ok());
    Some((pages.next()??, pages.next()??))
}

/// The memory that is this process's alone, at its highest. `None` where the kernel has no `smaps_rollup` (before 4.14).
///
/// What has been given back since the highest resident set counts as its own: it may have been. Walks the page tables: for a child at its end.
pub fn own_private_peak_bytes() -> Option<u64> {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let memory = process_memory()?;
    Some(parse_private(&rollup) + memory.peak_resident.saturating_sub(memory.resident))
}

/// A child's memory, from its parent's side, with its file held open.
pub struct ChildGauge {
    statm: File,
    pid: i32,
    page: u64,
}

impl ChildGauge {
    /// For a child that has not been reaped: its pid is its own until then.
    pub fn open(pid: i32) -> Option<Self> {
        let statm = File::open(format!("/proc/{pid}/statm")).ok()?;
        Some(Self { statm, pid, page: page_size() })
    }

    /// Its pages in memory that belong to no file; right after a fork that is what it shares with its parent. A few microseconds.
    pub fn anonymous_bytes(&self) -> Option<u64> {
        let (resident, of_files) = resident_pages(&self.statm)?;
        Some(resident.saturating_sub(of_files) * self.page)
    }

    /// What of it is its alone. Walks the child's page tables, and holds it up for that long.
    pub fn private_bytes(&self) -> Option<u64> {
        fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).ok().map(|rollup| parse_private(&rollup))
    }
}

pub fn page_size() -> u64 {
    // SAFETY: takes a constant and reads the auxiliary vector.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// A line `Name:   12 kB` of one of `/proc`'s documents, in bytes.
pub(super) fn field_bytes(document: &str, field: &str) -> Option<u64> {
    let value = document.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

fn parse_private(rollup: &str) -> u64 {
    ["Private_Clean", "Private_Dirty"].iter().filter_map(|field| field_bytes(rollup, field)).sum()
}

fn parse_status(status: &str) -> ProcessMemory {
    let bytes = |field: &str| field_bytes(status, field).unwrap_or(0);
    ProcessMemory {
        resident: bytes("VmRSS"),
        peak_resident: bytes("VmHWM"),
        code_segment: bytes("VmExe") + bytes("VmLib"),
        stack: bytes("VmStk"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process_is_read_in_bytes() {
        let status = "Name:\tnode\nVmHWM:\t  51200 kB\nVmRSS:\t   40960 kB\nVmStk:\t     132 kB\nVmExe:\t   47000 kB\nVmLib:\t    3000 kB\n";
        let memory = parse_status(status);
        assert_eq!(memory.resident, 40960 << 10);
        assert_eq!(memory.peak_resident, 51200 << 10);
        assert_eq!(memory.stack, 132 << 10);
        assert_eq!(memory.code_segment, 50000 << 10);
    }

    #[test]
    fn this_process_is_in_memory() {
        let memory = process_memory().expect("Linux has /proc/self/status");
        assert!(memory.resident > 0 && memory.code_segment > 0 && memory.stack > 0);
        assert!(ResidentGauge::open().and_then(|gauge| gauge.read()).expect("Linux has /proc/self/statm") > 0);
    }
}
