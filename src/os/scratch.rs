//! A file without a name, in memory: how a forked child hands its parent more than fits on a shared page.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// Gone with the last process that has it open, however that one ends.
#[derive(Debug)]
pub struct Scratch(File);

impl Scratch {
    pub fn new() -> io::Result<Self> {
        // SAFETY: a NUL-terminated name that is read during the call, and a flag.
        let descriptor = unsafe { libc::memfd_create(c"leakhunt".as_ptr(), libc::MFD_CLOEXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a new descriptor, which nobody else has.
        Ok(Self(unsafe { File::from_raw_fd(descriptor) }))
    }

    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    /// All that has been written, from the beginning, but not more than `most` bytes.
    pub fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.0).rewind()?;
        (&self.0).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_from_the_beginning() {
        let scratch = Scratch::new().unwrap();
        scratch.write(b"leak").unwrap();
        scratch.write(b"hunt").unwrap();
        assert_eq!((scratch.read(100).unwrap(), scratch.read(4).unwrap()), (b"leakhunt".to_vec(), b"leak".to_vec()));
    }
}
