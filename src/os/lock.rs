//! A lock between processes, and between machines that share a file system: `flock` on a file.
//!
//! It belongs to the open file and not to the process, so a forked child that keeps the descriptor holds it as well, for as long as it lives.

use super::own_file::{append_whole, open_own};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// What is read of the holder's words.
const WORDS: usize = 1024;

pub struct FileLock {
    file: File,
    /// `false` where the file system has no locks, and it is only pretended.
    held: bool,
}

pub enum Taken {
    Ours(FileLock),
    /// Somebody else has it; what the file says about them.
    Theirs(String),
}

impl FileLock {
    /// Never waits. A file system without locks is no error: see [`FileLock::is_held`].
    pub fn take(path: &Path) -> io::Result<Taken> {
        // A name that never leads to the file it was opened by is a file system whose numbers change from one look to the next.
        const TRIES: u32 = 100;
        for _ in 0..TRIES {
            let file = open_own(path, true)?;
            let held = match try_flock(&file) {
                Ok(()) => true,
                Err(error) => match error.raw_os_error() {
                    Some(libc::EWOULDBLOCK) => return Ok(Taken::Theirs(words_of(&file))),
                    Some(libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS | libc::EINVAL) => false,
                    _ => return Err(error),
                },
            };
            // Somebody may have removed the file in between, and a third one locked the next of that name.
            let named = std::fs::symlink_metadata(path);
            let ours = file.metadata()?;
            if named.is_ok_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino())) {
                return Ok(Taken::Ours(Self { file, held }));
            }
        }
        Err(io::Error::other("it is another file at each look"))
    }

    /// Locks a file that is there, whatever it is for. `None` if somebody else has it.
    pub fn claim(path: &Path) -> io::Result<Option<Self>> {
        let file = open_own(path, false)?;
        match try_flock(&file) {
            Ok(()) => Ok(Some(Self { file, held: true })),
            Err(error) if error.raw_os_error() == Some(libc::EWOULDBLOCK) => Ok(None),
            Err(_) => Ok(Some(Self { file, held: false })),
        }
    }

    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Says, to whoever finds it taken, who has it.
    pub fn describe(&self, words: &str) {
        // Only words: a full disk does not make the lock any less ours.
        let _ = self.file.set_len(0).and_then(|()| append_whole(&self.file, words.as_bytes()));
    }

    pub fn descriptor(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// Lets go of it without opening it: a child that goes on alone still holds it.
    pub fn leave_to_child(mut self) {
        self.held = false;
    }
}

impl Drop for FileLock {
    /// Opened, not only closed: a process that the app has forked may have the same descriptor for a moment.
    fn drop(&mut self) {
        if self.held {
            // SAFETY: a descriptor that is open until after this.
            unsafe { libc::flock(self.file.as_raw_fd(), libc::LOCK_UN) };
        }
    }
}

fn try_flock(file: &File) -> io::Result<()> {
    loop {
        // SAFETY: an open descriptor; does not wait.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn words_of(file: &File) -> String {
    let mut bytes = [0; WORDS];
    let length = file.read_at(&mut bytes, 0).unwrap_or(0);
    String::from_utf8_lossy(&bytes[..length]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(path: &Path) -> FileLock {
        match FileLock::take(path).unwrap() {
            Taken::Ours(lock) => lock,
            Taken::Theirs(words) => panic!("taken by {words}"),
        }
    }

    #[test]
    fn one_at_a_time_and_the_other_is_told_who() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = ours(&path);
        assert!(lock.is_held());
        lock.describe("process 5");
        assert!(matches!(FileLock::take(&path).unwrap(), Taken::Theirs(words) if words == "process 5"));
        drop(lock);
        drop(ours(&path));
        assert!(path.exists(), "the file stays: removing it would let two have it");
    }

    #[test]
    fn a_lock_that_is_left_to_a_child_is_held_until_the_child_closes_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = ours(&path);
        // The same open file under another number, as a forked child has it.
        let child = lock.file.try_clone().unwrap();
        lock.leave_to_child();
        assert!(matches!(FileLock::take(&path).unwrap(), Taken::Theirs(_)));
        drop(child);
        assert!(ours(&path).is_held());
    }

    #[test]
    fn a_file_that_is_there_is_claimed_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        assert!(FileLock::claim(&path).is_err());
        std::fs::write(&path, "contents").unwrap();
        let claim = FileLock::claim(&path).unwrap();
        assert!(claim.is_some() && FileLock::claim(&path).unwrap().is_none());
        drop(claim);
        assert!(FileLock::claim(&path).unwrap().is_some());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "contents");
    }
}
