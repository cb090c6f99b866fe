//! Real forks of the test process: what a child sees, holds, may do, and leaves.

use super::*;
use crate::os::disk::create_private;
use crate::os::{ChildFiles, ChildSetup, Leave, SharedPage, confine_child, end_child, enter_child};
use std::ffi::CString;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;

/// A fork of one test shows the hidden pages of all, and would hide nothing from the list that another makes at that moment.
fn alone() -> parking_lot::MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: parking_lot::Mutex<()> = parking_lot::Mutex::new(());
    ONE_AT_A_TIME.lock()
}

/// A page that is kept out of children, as V8 keeps its own.
fn hidden_page(value: u8) -> *mut u8 {
    // SAFETY: a fresh anonymous mapping of one page, written within its bounds.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        assert_ne!(page, libc::MAP_FAILED);
        assert_eq!(libc::madvise(page, 4096, libc::MADV_DONTFORK), 0);
        page.cast::<u8>().write(value);
        page.cast()
    }
}

fn files(unfinished: &std::path::Path) -> ChildFiles {
    let string = |path: &std::path::Path| CString::new(path.as_os_str().as_bytes()).unwrap();
    let finished = unfinished.with_extension("finished");
    ChildFiles { unfinished: vec![string(unfinished)], finished: vec![string(&finished)] }
}

fn no_files() -> ChildFiles {
    ChildFiles { unfinished: Vec::new(), finished: Vec::new() }
}

fn end_of(mut child: Child) -> Ended {
    loop {
        match child.try_wait() {
            Some(exit) => return exit.ended,
            None => std::thread::yield_now(),
        }
    }
}

/// What a child finds at `page`, as its exit code.
fn fork_and_read(map: &ForkMap, page: *mut u8) -> Ended {
    // SAFETY: the page is mapped in the parent; whether it is in the child is what is asked.
    end_of(fork_child(map, || end_child(i32::from(unsafe { page.read_volatile() }))).unwrap())
}

#[test]
fn a_child_sees_pages_that_are_kept_out_of_forks_and_they_are_hidden_again_afterwards() {
    let _alone = alone();
    let page = hidden_page(42);
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    assert_eq!(fork_and_read(&map, page), Ended::Exited(42));
    let later = hidden_page(7);
    let again = ForkMap::scan(Leave::Nothing).expect("the marks are back, so there is something to list");
    assert_eq!(fork_and_read(&again, page), Ended::Exited(42));
    assert_eq!(fork_and_read(&again, later), Ended::Exited(7));
}

#[test]
fn a_child_that_is_dropped_is_ended_and_reaped() {
    let _alone = alone();
    let _page = hidden_page(1);
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    let child = fork_child(&map, || {
        loop {
            std::thread::park();
        }
    })
    .unwrap();
    let pid = child.pid();
    drop(child);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_signal_for_the_whole_group_finds_no_handler_of_the_parents_in_the_child_and_does_not_end_it() {
    let _alone = alone();
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static IN: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn count(_: libc::c_int) {
        IN.fetch_add(1, Relaxed);
    }
    let _page = hidden_page(1);
    let setup = ChildSetup::new(no_files(), Duration::from_secs(60), 0).unwrap();
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    // SAFETY: a handler that is fit for one, for a signal that nothing else here uses.
    unsafe { libc::signal(libc::SIGUSR2, count as *const () as usize) };
    let child = fork_child(&map, || {
        // SAFETY: as if somebody had sent it right after the fork.
        unsafe { libc::kill(libc::getpid(), libc::SIGUSR2) };
        enter_child(&setup);
        end_child(IN.load(Relaxed) as i32)
    });
    assert_eq!(end_of(child.unwrap()), Ended::Exited(0));
    // SAFETY: this thread's own; the parent handles signals as before.
    unsafe { libc::raise(libc::SIGUSR2) };
    assert_eq!(IN.load(Relaxed), 1);
}

#[test]
fn a_careful_child_holds_its_output_and_nothing_else_of_its_parents() {
    let _alone = alone();
    let _page = hidden_page(1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report");
    let setup = ChildSetup::new(no_files(), Duration::from_secs(60), 19).unwrap();
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    let child = fork_child(&map, || {
        enter_child(&setup);
        let mut report = create_private(&path).unwrap();
        for entry in std::fs::read_dir("/proc/self/fd").unwrap().flatten() {
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            writeln!(report, "{}", target.display()).unwrap();
        }
        std::thread::sleep(Duration::from_millis(200));
        end_child(0)
    })
    .unwrap();
    drop(theirs);
    // The other end reads the end of its stream although the child lives on.
    assert_eq!(ours.read(&mut [0; 1]).unwrap(), 0);
    assert_eq!(end_of(child), Ended::Exited(0));
    let text = std::fs::read_to_string(&path).unwrap();
    let others: Vec<&str> = text
        .lines()
        .filter(|target| *target != "/dev/null" && !target.ends_with("/report") && !target.ends_with("/fd"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(text.contains("/report"), "{text}");
}

#[test]
fn a_child_that_dies_of_a_fault_takes_its_unfinished_file_with_it() {
    let _alone = alone();
    let _page = hidden_page(1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("unfinished");
    let setup = ChildSetup::new(files(&path), Duration::from_secs(60), 0).unwrap();
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    let child = fork_child(&map, || {
        enter_child(&setup);
        let made = create_private(&path).is_ok();
        if made {
            // SAFETY: raises the signal that a page which is not there would.
            unsafe { libc::raise(libc::SIGSEGV) };
        }
        end_child(1)
    })
    .unwrap();
    let ended = end_of(child);
    assert!(ended.is_unlucky(), "{ended:?}");
    assert!(!path.exists());
}

#[test]
fn a_confined_child_can_finish_its_own_file_and_touch_nothing_else() {
    let _alone = alone();
    let _page = hidden_page(1);
    let dir = tempfile::tempdir().unwrap();
    let (own, other) = (dir.path().join("own"), dir.path().join("other"));
    std::fs::write(&other, "the app's").unwrap();
    let setup = ChildSetup::new(files(&own), Duration::from_secs(60), 0).unwrap();
    let board = SharedPage::new(std::sync::atomic::AtomicU32::new(0)).unwrap();
    let theirs = SharedPage::new(std::sync::atomic::AtomicU32::new(5)).unwrap();
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    let child = fork_child(&map, || {
        use std::sync::atomic::Ordering::Relaxed;
        let files = enter_child(&setup);
        let mut file = create_private(&own).unwrap();
        confine_child(files, board.address()).unwrap();
        file.write_all(b"whole").unwrap();
        theirs.store(6, Relaxed);
        board.store(theirs.load(Relaxed), Relaxed);
        let refused = [
            std::fs::remove_file(&other).is_err(),
            std::fs::rename(&other, &own).is_err(),
            std::fs::write(&other, "child's").is_err(),
            std::fs::create_dir(dir.path().join("new")).is_err(),
            std::os::unix::net::UnixStream::pair().is_err(),
            // SAFETY: asks whether the parent may be signalled; 0 signals nothing.
            unsafe { libc::kill(libc::getppid(), 0) } != 0,
        ];
        let published = files.publish().is_ok();
        end_child(refused.iter().filter(|refused| **refused).count() as i32 + if published { 10 } else { 0 })
    })
    .unwrap();
    assert_eq!(end_of(child), Ended::Exited(16));
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "the app's");
    assert_eq!(std::fs::read_to_string(own.with_extension("finished")).unwrap(), "whole");
    assert_eq!(
        theirs.load(std::sync::atomic::Ordering::Relaxed),
        5,
        "shared memory of others is a private copy in the child"
    );
    assert_eq!(
        board.load(std::sync::atomic::Ordering::Relaxed),
        6,
        "which has the contents of the moment, and the board is still shared"
    );
}

#[test]
fn a_finished_file_never_takes_the_place_of_another() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("own");
    let files = files(&own);
    std::fs::write(&own, "new").unwrap();
    std::fs::write(own.with_extension("finished"), "old").unwrap();
    let refused = files.publish().unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(own.with_extension("finished")).unwrap(), "old");
}

#[test]
fn two_files_get_their_names_together_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| CString::new(dir.path().join(name).into_os_string().into_encoded_bytes()).unwrap();
    let files =
        ChildFiles { unfinished: vec![path("a.partial"), path("b.partial")], finished: vec![path("a"), path("b")] };
    std::fs::write(dir.path().join("a.partial"), "").unwrap();
    assert_eq!(files.publish().unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(!dir.path().join("a").exists(), "the first has no name without the second");
}

#[test]
fn a_child_lacks_large_blocks_that_it_was_to_do_without_and_its_parent_keeps_them() {
    let _alone = alone();
    let _page = hidden_page(1);
    let block = vec![9u8; 64 << 20];
    let middle = &raw const block[32 << 20];
    let map = ForkMap::scan(Leave::LargeBlocks).unwrap();
    assert!(map.left_out_bytes() >= 63 << 20);
    // SAFETY: mapped in the parent; in the child the read is to end it.
    let read = || end_child(i32::from(unsafe { middle.read_volatile() }));
    assert_eq!(end_of(fork_child(&map, read).unwrap()), Ended::Signalled(libc::SIGSEGV));
    assert_eq!(block[32 << 20], 9);
    // The marks are gone: a fork that leaves out nothing has the block again.
    let all = ForkMap::scan(Leave::Nothing).unwrap();
    assert_eq!(end_of(fork_child(&all, read).unwrap()), Ended::Exited(9));
}

#[test]
fn a_file_that_may_not_grow_is_an_error_in_the_child_and_no_signal() {
    let _alone = alone();
    let _page = hidden_page(1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("own");
    let setup = ChildSetup::new(files(&path), Duration::from_secs(60), 0).unwrap();
    let map = ForkMap::scan(Leave::Nothing).unwrap();
    let child = fork_child(&map, || {
        enter_child(&setup);
        let least = libc::rlimit { rlim_cur: 10, rlim_max: 10 };
        // SAFETY: bounds the child alone.
        unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const least) };
        let written = create_private(&path).and_then(|mut file| file.write_all(&[1; 100]));
        end_child(written.err().and_then(|error| error.raw_os_error()).unwrap_or(0))
    });
    assert_eq!(end_of(child.unwrap()), Ended::Exited(libc::EFBIG));
}
