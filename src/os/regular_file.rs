//! Files that somebody else names: opened only if they are regular, since a FIFO would make the open wait, and a device may act on it.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file that `path` leads to, with its length.
pub fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let is_regular = |metadata: &std::fs::Metadata| {
        if metadata.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
    };
    is_regular(&std::fs::metadata(path)?)?;
    // It may have been changed for something else in between.
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let metadata = file.metadata()?;
    is_regular(&metadata)?;
    Ok((file, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_not_a_regular_file_is_refused_without_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let (fifo, zero, file) = (dir.path().join("fifo"), dir.path().join("zero"), dir.path().join("file"));
        let name = CString::new(fifo.as_os_str().as_bytes()).unwrap();
        // SAFETY: a NUL-terminated path.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        symlink("/dev/zero", &zero).unwrap();
        std::fs::write(&file, "text").unwrap();
        for path in [&fifo, &zero, &dir.path().to_path_buf(), &dir.path().join("none")] {
            assert!(open_regular(path).is_err(), "{}", path.display());
        }
        assert_eq!(open_regular(&file).unwrap().1, 4);
        let link = dir.path().join("link");
        symlink(&file, &link).unwrap();
        assert_eq!(open_regular(&link).unwrap().1, 4);
    }
}
