//! What a careful child does before anything else: lets go of all that is its parent's, and makes itself small.

use super::got::LockPatch;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::time::Duration;

/// What [`enter_child`] needs, found before the fork.
pub struct ChildSetup {
    locks: LockPatch,
    output: File,
    deadline: Duration,
    nice: i32,
}

impl ChildSetup {
    /// `output` is the one descriptor that the child keeps; `deadline` ends it even if nobody watches; `nice` is 0 to 19.
    pub fn new(output: File, deadline: Duration, nice: i32) -> Result<Self, &'static str> {
        let locks = LockPatch::find();
        if locks.is_empty() {
            return Err("the executable's calls to the thread library could not be found");
        }
        Ok(Self { locks, output, deadline, nice })
    }
}

/// Turns the calling process, just forked, into one that holds nothing of its parent's but memory. Returns its output.
pub fn enter_child(setup: &ChildSetup) -> File {
    keep_only(setup.output.as_raw_fd());
    setup.locks.apply_in_child();
    default_signals();
    // SAFETY: system calls on this process alone; each may fail, and the child goes on without what it wanted.
    unsafe {
        libc::setsid();
        libc::alarm(u32::try_from(setup.deadline.as_secs()).unwrap_or(u32::MAX).max(1));
        libc::prctl(libc::PR_SET_NAME, c"leakhunt-dump".as_ptr());
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
        if setup.nice > 0 {
            libc::setpriority(libc::PRIO_PROCESS, 0, setup.nice);
            let batch = libc::sched_param { sched_priority: 0 };
            libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const batch);
            const IOPRIO_WHO_PROCESS: libc::c_long = 1;
            const IOPRIO_IDLE: libc::c_long = 3 << 13;
            libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
        }
    }
    // Should memory run out, the kernel is to take this process before any other. Raising the score needs no privilege.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    // SAFETY: the parent's `File` of the same number is `setup`'s, which the child never drops.
    unsafe { File::from_raw_fd(setup.output.as_raw_fd()) }
}

/// Ends the child with no destructors, no `atexit` handlers and no flushing: those are the parent's.
pub fn end_child(code: i32) -> ! {
    // SAFETY: does not return.
    unsafe { libc::_exit(code) }
}

/// Lets go of every descriptor but `output`: an inherited socket would keep a client's connection open for as long as the child lives.
///
/// Their numbers lead to `/dev/null` from then on. A collection posts tasks to the event loop, and libuv wakes the loop by writing to a
/// descriptor and aborts if that fails; nor must a later file of the child's get such a number and be written into.
fn keep_only(output: RawFd) {
    // SAFETY: descriptor numbers only. Nothing in the child uses a descriptor that it got from its parent, but `output`.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for descriptor in open_descriptors().into_iter().filter(|number| *number != output && *number != null) {
            libc::dup2(null, descriptor);
        }
    }
}

/// Numbers only; the one of the listing itself is among them, and closed by the time it is looked at.
fn open_descriptors() -> Vec<RawFd> {
    let numbers = |entries: std::fs::ReadDir| {
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
    };
    std::fs::read_dir("/proc/self/fd").map(numbers).unwrap_or_default()
}

/// Node's and the app's handlers would run in the child with the parent's state; the defaults end it. A broken pipe is an error and no signal.
fn default_signals() {
    // SAFETY: replaces dispositions and the mask of this process alone; KILL and STOP refuse, harmlessly.
    unsafe {
        for signal in 1..=64 {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        let mut none = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}

/// Creates a file that must not exist yet, readable by its owner alone.
pub fn create_private(path: &std::path::Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).read(true).create_new(true).mode(0o600).open(path)
}
