//! Which errors mean that the system works, and has no more to give.

use std::io;

/// Out of descriptors (of this process or of the machine), of processes and threads, or of memory.
pub fn is_exhaustion(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::EAGAIN | libc::ENOMEM))
}
