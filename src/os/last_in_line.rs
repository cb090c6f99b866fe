//! A process that is to be in nobody's way: served last by processor and disk, and the first to go when memory runs out. None of it needs a privilege.

use std::io;

/// Sets that for the process `pid`, whose one thread passes it on to those that it makes. 0 is the calling thread. Each part may fail, and the process goes on
/// without it. A `nice` of 0 leaves the priority as it is.
pub fn put_last(pid: u32, nice: i32) {
    if nice > 0 {
        let batch = libc::sched_param { sched_priority: 0 };
        const IOPRIO_WHO_PROCESS: libc::c_long = 1;
        const IOPRIO_IDLE: libc::c_long = 3 << 13;
        // SAFETY: system calls that name one process of this user's and take constants.
        unsafe {
            libc::setpriority(libc::PRIO_PROCESS, pid, nice);
            libc::sched_setscheduler(pid.cast_signed(), libc::SCHED_BATCH, &raw const batch);
            libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, libc::c_long::from(pid), IOPRIO_IDLE);
        }
    }
    // Raising the score needs no privilege.
    let name = if pid == 0 { "self".to_owned() } else { pid.to_string() };
    let _ = std::fs::write(format!("/proc/{name}/oom_score_adj"), "1000");
}

/// Has the kernel end this process with `parent`: more precisely, with the thread of it that has started this process and waits for it.
pub fn end_with(parent: u32) -> io::Result<()> {
    // SAFETY: a system call on this process alone.
    let done = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    if done != 0 {
        return Err(io::Error::last_os_error());
    }
    // It may have gone before this.
    if std::os::unix::process::parent_id() == parent { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}
