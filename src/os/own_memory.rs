//! This process's own memory, read as if it were a file: what another thread unmaps meanwhile is an error there, and no fault.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// `/proc/self/mem` costs least and is known to every sandbox. A process that has changed its user (`process.setuid`) may no longer open it, since the kernel
/// then gives its `/proc` entries to root; `process_vm_readv` still serves there.
pub(super) struct OwnMemory(Option<File>);

impl OwnMemory {
    pub fn open() -> io::Result<Self> {
        match File::open("/proc/self/mem") {
            Ok(file) => Ok(Self(Some(file))),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }

    /// Fills `buffer` from `address` on, or fails where any of it is not mapped.
    pub fn read_exact_at(&self, buffer: &mut [u8], address: usize) -> io::Result<()> {
        match &self.0 {
            Some(file) => file.read_exact_at(buffer, address as u64),
            None => read_by_call(buffer, address),
        }
    }
}

fn read_by_call(buffer: &mut [u8], address: usize) -> io::Result<()> {
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: buffer.len() };
    // SAFETY: writes into `buffer` alone, which is borrowed for the call; the kernel checks the other address.
    let read = unsafe {
        libc::process_vm_readv(std::process::id() as libc::pid_t, &raw const local, 1, &raw const remote, 1, 0)
    };
    match usize::try_from(read) {
        Ok(length) if length == buffer.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_read_what_is_there_and_refuse_what_is_not() {
        let text = *b"leakhunt";
        for memory in [OwnMemory::open().unwrap(), OwnMemory(None)] {
            let mut copy = [0; 8];
            memory.read_exact_at(&mut copy, text.as_ptr() as usize).unwrap();
            assert_eq!(copy, text);
            assert!(memory.read_exact_at(&mut copy, 8).is_err(), "nothing is mapped at the bottom");
        }
    }
}
