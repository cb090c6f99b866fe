//! Directories and files that snapshots go to.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the directory, for its owner alone, unless it is there, and asks the kernel whether files may be made in it.
pub fn ensure_writable_dir(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let path = CString::new(dir.as_os_str().as_bytes())?;
    // SAFETY: a NUL-terminated path; only asks.
    let allowed = unsafe { libc::access(path.as_ptr(), libc::W_OK | libc::X_OK) };
    if allowed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Free bytes for an unprivileged user on the file system that holds `dir`.
pub fn free_disk_bytes(dir: &Path) -> Option<u64> {
    let path = CString::new(dir.as_os_str().as_bytes()).ok()?;
    let mut answer = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: a NUL-terminated path and a buffer of the struct's own size.
    if unsafe { libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: zeroed is a valid value of this struct of integers, and the call has filled it.
    let answer = unsafe { answer.assume_init() };
    Some(answer.f_bavail * answer.f_frsize)
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
        assert!(free_disk_bytes(dir.path()).is_some());
    }
}
