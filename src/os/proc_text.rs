//! Documents of `/proc` as text. Names in them (of a mapped file, a mount, a thread) are bytes, and need be no UTF-8: the kernel cuts a thread's
//! name after 15 of them, in the middle of a letter if it must. What cannot be read must not make the rest unreadable.

use std::io;
use std::path::Path;

/// All of a document. What is no UTF-8 becomes U+FFFD.
pub fn read_text(path: impl AsRef<Path>) -> io::Result<String> {
    let bytes = std::fs::read(path)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_utf_8_hides_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("status");
        std::fs::write(&path, b"Name:\tn\xc3\nVmRSS:\t1 kB\n").unwrap();
        assert_eq!(read_text(&path).unwrap(), "Name:\tn\u{fffd}\nVmRSS:\t1 kB\n");
    }

    #[test]
    fn a_thread_whose_name_was_cut_in_the_middle_of_a_letter_still_has_figures() {
        let figures = std::thread::spawn(|| {
            // SAFETY: names the calling thread; the kernel copies at most 15 bytes of it.
            unsafe { libc::prctl(libc::PR_SET_NAME, c"\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}".as_ptr()) };
            let status = std::fs::read("/proc/thread-self/status").unwrap();
            (String::from_utf8(status).is_err(), read_text("/proc/thread-self/status").unwrap())
        });
        let (was_cut, status) = figures.join().unwrap();
        assert!(was_cut && status.contains("VmRSS:"), "{status}");
    }
}
