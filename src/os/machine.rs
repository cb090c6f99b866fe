//! The machine's memory (`/proc/meminfo`, proc_meminfo(5)), and whether the kernel counts what has only been promised.

use super::memory::field_bytes;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Longer than any `/proc/meminfo`.
const MEMINFO_BYTES: usize = 8 << 10;

/// Bytes, at one moment. In a container these are the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineMemory {
    pub total: u64,
    /// The kernel's own estimate of what can be had without swapping.
    pub available: u64,
    pub commit: Option<Commit>,
}

/// With `vm.overcommit_memory=2` the kernel promises no more than it has, and a fork promises all of the process's memory once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    pub limit: u64,
    pub promised: u64,
}

/// `/proc/meminfo`, held open to be read again and again: some twenty microseconds each.
pub struct MachineGauge(File);

impl MachineGauge {
    pub fn open() -> Option<Self> {
        File::open("/proc/meminfo").ok().map(Self)
    }

    /// All of the memory, and what is available of it.
    pub fn totals(&self) -> Option<(u64, u64)> {
        let text = self.text()?;
        Some((field_bytes(&text, "MemTotal")?, field_bytes(&text, "MemAvailable")?))
    }

    pub fn read(&self) -> Option<MachineMemory> {
        let strict = fs::read_to_string("/proc/sys/vm/overcommit_memory").is_ok_and(|mode| mode.trim() == "2");
        parse(&self.text()?, strict)
    }

    fn text(&self) -> Option<String> {
        let mut text = vec![0u8; MEMINFO_BYTES];
        let length = self.0.read_at(&mut text, 0).ok()?;
        text.truncate(length);
        String::from_utf8(text).ok()
    }
}

fn parse(meminfo: &str, strict: bool) -> Option<MachineMemory> {
    let bytes = |field| field_bytes(meminfo, field);
    let commit = match (strict, bytes("CommitLimit"), bytes("Committed_AS")) {
        (true, Some(limit), Some(promised)) => Some(Commit { limit, promised }),
        _ => None,
    };
    Some(MachineMemory { total: bytes("MemTotal")?, available: bytes("MemAvailable")?, commit })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str = "MemTotal:       24683520 kB\nMemFree:         1000 kB\nMemAvailable:   20000000 kB\n\
        CommitLimit:    12341760 kB\nCommitted_AS:    3000000 kB\nHugePages_Total:       0\n";

    #[test]
    fn what_is_promised_counts_only_where_the_kernel_is_strict() {
        let loose = parse(MEMINFO, false).unwrap();
        assert_eq!(loose, MachineMemory { total: 24683520 << 10, available: 20000000 << 10, commit: None });
        let strict = parse(MEMINFO, true).unwrap();
        assert_eq!(strict.commit, Some(Commit { limit: 12341760 << 10, promised: 3000000 << 10 }));
    }

    #[test]
    fn this_machine_has_memory() {
        let gauge = MachineGauge::open().expect("Linux has /proc/meminfo");
        let machine = gauge.read().unwrap();
        assert!(machine.available > 0 && machine.available <= machine.total);
        assert_eq!(gauge.totals().unwrap().0, machine.total);
    }
}
