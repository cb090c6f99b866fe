//! Directories and files that snapshots go to.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the directory, for its owner alone, unless it is there, and asks the kernel whether files may be made in it.
pub fn ensure_writable_dir(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| match error.kind() {
        // Something that is no directory has its name; "file exists" would be no help.
        io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
        _ => error,
    })?;
    let path = CString::new(dir.as_os_str().as_bytes())?;
    // SAFETY: a NUL-terminated path; only asks.
    let allowed = unsafe { libc::access(path.as_ptr(), libc::W_OK | libc::X_OK) };
    if allowed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What a file system has left for an unprivileged user. Quotas do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskRoom {
    pub free_bytes: u64,
    /// `None` where the file system makes them as it needs them.
    pub free_inodes: Option<u64>,
}

/// The file system that holds a directory, held open to be asked again and again.
pub struct DiskGauge(File);

impl DiskGauge {
    pub fn open(dir: &Path) -> io::Result<Self> {
        File::open(dir).map(Self)
    }

    pub fn read(&self) -> Option<DiskRoom> {
        let mut answer = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
        // SAFETY: an open descriptor and a buffer of the struct's own size.
        if unsafe { libc::fstatvfs(self.0.as_raw_fd(), answer.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: zeroed is a valid value of this struct of integers, and the call has filled it.
        let answer = unsafe { answer.assume_init() };
        Some(DiskRoom {
            free_bytes: answer.f_bavail.saturating_mul(answer.f_frsize),
            free_inodes: (answer.f_files > 0).then_some(answer.f_favail),
        })
    }

    /// Whether its files are kept in memory (tmpfs): there a file takes from the same limits as a heap.
    pub fn is_memory(&self) -> bool {
        const RAMFS_MAGIC: i64 = 0x8584_58f6;
        let mut answer = std::mem::MaybeUninit::<libc::statfs>::zeroed();
        // SAFETY: as in `read`.
        if unsafe { libc::fstatfs(self.0.as_raw_fd(), answer.as_mut_ptr()) } != 0 {
            return false;
        }
        // SAFETY: as in `read`.
        let kind = unsafe { answer.assume_init() }.f_type;
        [libc::TMPFS_MAGIC, RAMFS_MAGIC].contains(&kind)
    }
}

/// Creates a file that must not exist yet, readable by its owner alone.
pub fn create_private(path: &Path) -> io::Result<File> {
    File::options().write(true).read(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_private_file_is_its_owners_alone_and_never_an_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/file");
        ensure_writable_dir(path.parent().unwrap()).unwrap();
        let file = create_private(&path).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(create_private(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(ensure_writable_dir(&path).is_err(), "a file is no directory");
    }

    #[test]
    fn a_file_system_tells_what_it_has_left() {
        let dir = tempfile::tempdir().unwrap();
        let gauge = DiskGauge::open(dir.path()).unwrap();
        assert!(gauge.read().unwrap().free_bytes > 0);
        assert!(DiskGauge::open(Path::new("/dev/shm")).map_or(true, |shared| shared.is_memory()));
        assert!(!DiskGauge::open(Path::new("/proc")).unwrap().is_memory());
    }
}
