//! Files that leakhunt keeps beside its snapshots: opened with care, since others may be able to write to the directory.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Opens a file of this process's user for reading and appending; makes it, for its owner alone, if `create`. Refuses, in words, whatever
/// somebody else could have put in its place.
pub fn open_own(path: &Path, create: bool) -> io::Result<File> {
    // A planted FIFO must not make the open wait, nor a planted link lead elsewhere.
    let file = File::options()
        .read(true)
        .append(true)
        .create(create)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(libc::ELOOP) => refused("is a symbolic link"),
            // "Permission denied" alone does not say that another user's app has been at work here.
            Some(libc::EACCES) => whose(path).map_or(error, |whose| refused(&whose)),
            _ => error,
        })?;
    let metadata = file.metadata()?;
    match why_not_own(&metadata) {
        Some(reason) => Err(refused(&reason)),
        None => Ok(file),
    }
}

/// All of `bytes` at the end of the file, by one `write`, or an error. Not beyond `ulimit -f`: the signal for that would end the app.
pub fn append_whole(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: a buffer of the struct's own size.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) };
    if file.metadata()?.len().saturating_add(bytes.len() as u64) > limit.rlim_cur {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    let written = file.write(bytes)?;
    if written == bytes.len() { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ENOSPC)) }
}

pub(super) fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("it {reason}, and somebody else may have put it there"))
}

/// The user that this process runs as.
pub fn user() -> u32 {
    // SAFETY: cannot fail.
    unsafe { libc::geteuid() }
}

fn whose(path: &Path) -> Option<String> {
    why_not_own(&std::fs::symlink_metadata(path).ok()?)
}

/// Group-writable is let pass: Kubernetes makes the files of a volume so (`fsGroup`).
fn why_not_own(metadata: &Metadata) -> Option<String> {
    let user = user();
    if !metadata.is_file() {
        Some("is not a regular file".to_owned())
    } else if metadata.uid() != user {
        Some(format!("belongs to user {}, and this process runs as user {user}", metadata.uid()))
    } else if metadata.nlink() > 1 {
        Some("has another name elsewhere".to_owned())
    } else if metadata.permissions().mode() & 0o002 != 0 {
        Some("can be written by everybody".to_owned())
    } else {
        None
    }
}

/// The size of a regular file of this process's user; `None` for anything else, links included.
pub fn own_file_bytes(path: &Path) -> Option<u64> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    why_not_own(&metadata).is_none().then_some(metadata.len())
}

/// `dir/leakhunt.<what>`. In a directory that all users share (`/tmp`) each has a file of its own, `leakhunt.<uid>.<what>`.
pub fn kept_file(dir: &Path, what: &str) -> PathBuf {
    const SHARED: u32 = 0o1002;
    let shared = std::fs::metadata(dir).is_ok_and(|metadata| metadata.permissions().mode() & SHARED == SHARED);
    if shared { dir.join(format!("leakhunt.{}.{what}", user())) } else { dir.join(format!("leakhunt.{what}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    fn refusal(path: &Path) -> String {
        open_own(path, true).expect_err("it is not to be trusted").to_string()
    }

    #[test]
    fn a_file_is_made_for_its_owner_alone_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("leakhunt.journal");
        assert!(open_own(&path, false).is_err());
        let file = open_own(&path, true).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(open_own(&path, false).is_ok());
        assert_eq!(own_file_bytes(&path), Some(0));
    }

    #[test]
    fn what_somebody_could_have_planted_is_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("kept"), dir.path().join("other"));
        std::fs::write(&other, "").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(refusal(&path).contains("symbolic link"));
        assert_eq!(own_file_bytes(&path), None);
        std::fs::remove_file(&path).unwrap();
        std::fs::hard_link(&other, &path).unwrap();
        assert!(refusal(&path).contains("another name"));
        std::fs::remove_file(&path).unwrap();
        let fifo = CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: a NUL-terminated path.
        assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
        assert!(refusal(&path).contains("not a regular file"));
        std::fs::set_permissions(&other, PermissionsExt::from_mode(0o666)).unwrap();
        assert!(refusal(&other).contains("by everybody"));
    }

    #[test]
    fn in_a_directory_of_all_users_each_has_a_file_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept_file(dir.path(), "lock"), dir.path().join("leakhunt.lock"));
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o1777)).unwrap();
        assert_ne!(kept_file(dir.path(), "lock"), dir.path().join("leakhunt.lock"));
    }
}
