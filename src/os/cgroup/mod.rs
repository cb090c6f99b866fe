//! The control groups that this process lives in: version 1, version 2, or both mounted side by side.
//!
//! A limit may sit on any ancestor, so every question walks the way up from the process's own group. Inside a container the mount shows
//! the container's group as its root, and paths that lead out of it are cut.

mod groups;
mod memory;
mod tasks;

pub use memory::{Cgroup, CgroupMemory, MemoryGauge, MemoryLevel, MemoryLimit};
pub use tasks::{TaskLevel, task_levels};

use std::fs::File;
use std::os::unix::fs::FileExt;

/// The number in a small file of the kernel's, read anew from its beginning. `None` for `max` too: that is no limit.
fn number(file: &File) -> Option<u64> {
    let mut text = [0u8; 32];
    let length = file.read_at(&mut text, 0).ok()?;
    std::str::from_utf8(&text[..length]).ok()?.trim().parse().ok()
}
