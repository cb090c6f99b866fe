//! What a careful child does before anything else: lets go of all that is its parent's, and makes itself small.

use super::child_files::ChildFiles;
use super::confine::{confine, privatize_shared_memory};
use super::descriptors::Spares;
use super::got::LockPatch;
use super::last_in_line::put_last;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::time::Duration;

/// What [`enter_child`] needs, made before the fork.
pub struct ChildSetup {
    locks: LockPatch,
    files: ChildFiles,
    spares: Spares,
    deadline: Duration,
    nice: i32,
    keeps: ChildKeeps,
    parent: u32,
}

impl ChildSetup {
    /// Exit code of a child that met a wait which cannot end.
    pub const NOT_QUIET: i32 = super::got::EXIT_NOT_QUIET;

    /// `deadline` ends the child even if nobody watches; `nice` is 0 to 19.
    pub fn new(files: ChildFiles, deadline: Duration, nice: i32) -> io::Result<Self> {
        let locks = LockPatch::find();
        if locks.is_empty() {
            let reason = "the executable's calls to the thread library could not be found";
            return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        }
        Ok(Self {
            locks,
            files,
            spares: Spares::open()?,
            deadline,
            nice,
            keeps: ChildKeeps::default(),
            parent: std::process::id(),
        })
    }

    pub fn keeping(mut self, keeps: ChildKeeps) -> Self {
        self.keeps = keeps;
        self
    }
}

/// The parent ends a late child and says so; the alarm is for a child whose parent is gone.
const ALARM_AFTER: Duration = Duration::from_secs(5);

/// Exit code of a child that could not let go of its parent's descriptors.
const EXIT_KEPT_DESCRIPTORS: i32 = 76;

/// What of its parent's the child does keep.
#[derive(Debug, Default)]
pub struct ChildKeeps {
    pub descriptors: Vec<RawFd>,
    /// Written by a child that ends early when its parent is gone, and nobody else is there to tell.
    pub last_words: Option<(RawFd, Vec<u8>)>,
}

struct LastWords {
    parent: u32,
    descriptor: RawFd,
    bytes: Vec<u8>,
}

/// Set once, in the child, and never freed.
static LAST_WORDS: OnceLock<LastWords> = OnceLock::new();

/// Set once, in the child, and never freed: the confinement knows these paths by their addresses.
static FILES: OnceLock<ChildFiles> = OnceLock::new();

/// Turns the calling process, just forked, into one that holds nothing of its parent's but memory. Returns its files.
pub fn enter_child(setup: &ChildSetup) -> &'static ChildFiles {
    own_signals(setup.deadline);
    let files = FILES.get_or_init(|| setup.files.clone());
    if let Some((descriptor, bytes)) = setup.keeps.last_words.clone() {
        LAST_WORDS.get_or_init(|| LastWords { parent: setup.parent, descriptor, bytes });
    }
    if !setup.spares.take_the_place_of_all(&setup.keeps.descriptors) {
        // Better no snapshot than one at the price of clients' connections.
        end_child_early(EXIT_KEPT_DESCRIPTORS);
    }
    setup.locks.apply_in_child();
    // SAFETY: system calls on this process alone; each may fail, and the child goes on without what it wanted.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, c"leakhunt-dump".as_ptr());
        // A program that the kernel pipes dumps to gets them whatever the limit is, but for a limit of one byte, which stands for "none" (do_coredump in
        // fs/coredump.c). No file is that small either.
        let no_core = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
        if libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) != 0 {
            let no_file = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &raw const no_file);
        }
    }
    put_last(0, setup.nice);
    files
}

/// Shuts the child off from the world, but for its own files, which have to be open by now, and the shared page at `ours`. Before V8 is touched.
pub fn confine_child(files: &'static ChildFiles, ours: usize) -> std::io::Result<()> {
    privatize_shared_memory(ours)?;
    let own: Vec<&CStr> = files.unfinished.iter().chain(&files.finished).map(CString::as_c_str).collect();
    confine(&own)
}

/// Removes the unfinished files and ends the child: the parent may be gone by now, and nobody else would.
pub fn end_child_early(code: i32) -> ! {
    leave_nothing_open();
    end_child(code)
}

/// Fit for a signal handler: a few system calls, no lock, no allocation.
fn leave_nothing_open() {
    if let Some(files) = FILES.get() {
        files.remove_unfinished();
    }
    if let Some(LastWords { parent, descriptor, bytes }) = LAST_WORDS.get() {
        // SAFETY: an open descriptor and bytes that live as long as the process. The parent, if it lives, has better words.
        unsafe {
            if libc::getppid().cast_unsigned() != *parent {
                libc::write(*descriptor, bytes.as_ptr().cast(), bytes.len());
            }
        }
    }
}

/// Ends the child with no destructors, no `atexit` handlers and no flushing: those are the parent's.
pub fn end_child(code: i32) -> ! {
    // SAFETY: does not return.
    unsafe { libc::_exit(code) }
}

/// Node's and the app's handlers would run in the child with the parent's state, so the defaults are put back, which end it. Those signals that a
/// process raises by its own fault, its deadline, or a person's wish also remove the unfinished files. A broken pipe and a file
/// that may not grow are errors and no signals.
///
/// The deadline is set first of all, by system calls alone: another allocator than the C library's may not be usable in a forked child, and
/// a child that hangs there would keep clients' connections open for ever.
fn own_signals(deadline: Duration) {
    const TIDY: [libc::c_int; 11] = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGILL,
        libc::SIGFPE,
        libc::SIGTRAP,
        libc::SIGABRT,
        libc::SIGXCPU,
        libc::SIGALRM,
        libc::SIGTERM,
        libc::SIGINT,
        libc::SIGQUIT,
    ];
    const STACK: usize = 64 << 10;
    // SAFETY: replaces dispositions, the signal stack and the mask of this process alone; KILL and STOP refuse, harmlessly. The stack is never freed.
    unsafe {
        // A terminal's Ctrl-C reaches the foreground group only. Not a session of its own: under autogroup scheduling (sched(7)) each session gets a full
        // share of the CPU, whatever the niceness of what runs in it.
        libc::setpgid(0, 0);
        for signal in 1..=64 {
            // What was sent to the app's whole group since the fork waits here, blocked, and was not meant for this process: ignoring it drops it.
            libc::signal(signal, libc::SIG_IGN);
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        // Sent when a terminal goes with the app, which the child is to outlive.
        libc::signal(libc::SIGHUP, libc::SIG_IGN);
        let mut none = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
        libc::alarm(u32::try_from((deadline + ALARM_AFTER).as_secs()).unwrap_or(u32::MAX));
        // A fault may be an overflow of the ordinary stack.
        let stack = Vec::leak(vec![0u8; STACK]);
        let stack = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK };
        libc::sigaltstack(&raw const stack, std::ptr::null_mut());
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_fatal_signal as *const () as usize;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        for signal in TIDY {
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Tidies up and dies of the same signal, whose disposition is the default again (`SA_RESETHAND`).
unsafe extern "C" fn on_fatal_signal(signal: libc::c_int) {
    leave_nothing_open();
    // SAFETY: `raise` is fit for a signal handler.
    unsafe { libc::raise(signal) };
}
