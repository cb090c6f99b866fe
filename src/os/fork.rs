//! Fork, and the child from its parent's side: waited for by its pid alone, ended and reaped on every way out.

use super::ForkMap;
use std::convert::Infallible;
use std::io;
use std::time::{Duration, Instant};

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    Signalled(i32),
    /// Somebody else in this process reaped it (`waitpid(-1)` in another addon): its status is lost.
    Unknown,
}

impl Ended {
    /// By a signal that no process sends itself: the kernel's when memory runs out, if not a person's.
    pub fn is_killed(self) -> bool {
        matches!(self, Self::Signalled(libc::SIGKILL))
    }

    /// The fork was made at an unlucky moment, and another may do better: a wait that nobody could end, or a page that V8 mapped between
    /// the scan and the fork and that the child lacked.
    pub fn is_unlucky(self) -> bool {
        matches!(self, Self::Exited(super::got::EXIT_NOT_QUIET) | Self::Signalled(libc::SIGSEGV | libc::SIGBUS))
    }
}

/// The end of a child with what it took.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    pub ended: Ended,
    pub peak_resident_bytes: u64,
    pub cpu: Duration,
}

#[derive(Debug)]
pub struct Child {
    pid: libc::pid_t,
    reaped: bool,
    parts: ForkParts,
}

/// What the stop of a fork is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForkParts {
    /// Making pages forkable that V8 hides, and leaving out what the child does not need.
    pub show: Duration,
    /// `fork` itself: the kernel copies page tables.
    pub fork: Duration,
    /// Putting the marks back.
    pub hide: Duration,
}

/// Forks the calling thread with the pages of `map` in the child, and runs `child` there. In the parent this returns as soon as the
/// fork is made and the marks are back: what it takes is the stop that the app sees.
///
/// The child is a copy with one thread. What it may do is `child`'s duty: leave locks of other threads alone until [`enter_child`] has been called.
///
/// [`enter_child`]: super::enter_child
pub fn fork_child(map: &ForkMap, child: impl FnOnce() -> Infallible) -> io::Result<Child> {
    let start = Instant::now();
    map.show();
    let shown = Instant::now();
    // No handler of Node's or the app's may run in the child: libuv's would write a signal of the child's into the pipe that is the app's, too.
    // The child opens itself to signals once it has dispositions of its own (`enter_child`).
    let signals = Blocked::all();
    // SAFETY: glibc's fork keeps its allocator usable in the child of a process with threads. The child never returns into the
    // caller's frames: `child` cannot return, and a panic ends the process here.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let _panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        super::end_child_early(libc::EXIT_FAILURE);
    }
    let error = (pid < 0).then(io::Error::last_os_error);
    drop(signals);
    let forked = Instant::now();
    map.hide();
    match error {
        Some(error) => Err(error),
        None => {
            let parts = ForkParts { show: shown - start, fork: forked - shown, hide: forked.elapsed() };
            Ok(Child { pid, reaped: false, parts })
        }
    }
}

/// All signals of the calling thread, held back until this goes.
struct Blocked(libc::sigset_t);

impl Blocked {
    fn all() -> Self {
        let mut before = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: two buffers of the right size, valid when zeroed; changes the mask of this thread alone.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            Self(before.assume_init())
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: the mask that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut()) };
    }
}

impl Child {
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// What its making took of the parent's time.
    pub fn parts(&self) -> ForkParts {
        self.parts
    }

    /// Its end, if it has come. Reaps it.
    pub fn try_wait(&mut self) -> Option<Exit> {
        self.wait4(libc::WNOHANG)
    }

    /// Ends it at once and reaps it.
    pub fn kill(&mut self) -> Option<Exit> {
        // Asked first: somebody else in this process may have reaped it, and then its pid may be a stranger's by now.
        if let Some(exit) = self.try_wait() {
            return Some(exit);
        }
        if self.reaped {
            return None;
        }
        // SAFETY: a child of ours that has not been reaped keeps its pid.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        self.wait4(0)
    }

    fn wait4(&mut self, flags: libc::c_int) -> Option<Exit> {
        if self.reaped {
            return None;
        }
        let mut status = 0;
        let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        let pid = loop {
            // SAFETY: two buffers of the right size; the pid is our own child's.
            let pid = unsafe { libc::wait4(self.pid, &raw mut status, flags, usage.as_mut_ptr()) };
            if pid >= 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
                break pid;
            }
        };
        if pid == 0 {
            return None;
        }
        self.reaped = true;
        // SAFETY: zeroed is a valid value of this struct of integers.
        let usage = unsafe { usage.assume_init() };
        let ended = if pid < 0 {
            Ended::Unknown
        } else if libc::WIFSIGNALED(status) {
            Ended::Signalled(libc::WTERMSIG(status))
        } else {
            Ended::Exited(libc::WEXITSTATUS(status))
        };
        let time = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
        Some(Exit {
            ended,
            peak_resident_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
            cpu: time(usage.ru_utime) + time(usage.ru_stime),
        })
    }

    /// Lets it run on alone: for a process that is about to end and can no longer wait.
    pub fn abandon(mut self) {
        self.reaped = true;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
#[path = "fork_tests.rs"]
mod tests;
