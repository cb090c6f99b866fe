//! How a forked child lets go of its parent's descriptors: an inherited socket would keep a client's connection open for as long as the child lives.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, RawFd};

/// `/dev/null` time and again. The process may be at its limit of descriptors, and then the child could open nothing: so what it is going to need is opened before
/// the fork, where a refusal can be told, and closed in the child.
pub(super) struct Spares(Vec<File>);

impl Spares {
    /// The first stays, and takes the place of all others; then there are the listing of the others, two files, and what is read from `/proc`.
    const COUNT: usize = 6;

    pub fn open() -> io::Result<Self> {
        let null = || File::options().read(true).write(true).open("/dev/null");
        (0..Self::COUNT).map(|_| null()).collect::<io::Result<_>>().map(Self)
    }

    /// In the child: lets go of every descriptor but `kept`. `false` if that cannot be done.
    ///
    /// Their numbers lead to `/dev/null` from then on. A collection posts tasks to the event loop, and libuv wakes the loop by writing to a
    /// descriptor and aborts if that fails; nor must a file of the child's get such a number and be written into.
    pub fn take_the_place_of_all(&self, kept: &[RawFd]) -> bool {
        let Some((null, spares)) = self.0.split_first() else { return false };
        let null = null.as_raw_fd();
        for spare in spares {
            // SAFETY: a descriptor of ours alone. Its owner is never dropped in this process, which ends without destructors.
            unsafe { libc::close(spare.as_raw_fd()) };
        }
        let open = open_descriptors();
        for descriptor in open.iter().filter(|number| **number != null && !kept.contains(number)) {
            // SAFETY: descriptor numbers only, and nothing in the child uses one that it got from its parent.
            unsafe { libc::dup2(null, *descriptor) };
        }
        !open.is_empty()
    }
}

/// Numbers only; the one of the listing itself is among them, and closed by the time it is looked at.
fn open_descriptors() -> Vec<RawFd> {
    let numbers = |entries: std::fs::ReadDir| {
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
    };
    std::fs::read_dir("/proc/self/fd").map(numbers).unwrap_or_default()
}
