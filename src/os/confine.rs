//! What else could run in the child, and what it may not do.
//!
//! V8 collects the whole heap before it takes a snapshot, so objects that the app had dropped are destroyed in the child: a destructor of an addon closes its
//! database, removes its lock file, tells its peer. All of that is the parent's to do, at its own time. So before V8 is touched, memory that is shared
//! with other processes becomes a private copy, and a seccomp filter refuses every system call that would change something outside: files, other
//! processes, sockets. What the child itself has to do to its own files is told apart by the address of the path: the strings lent to
//! [`confine`] are never freed, so no other path can have their address.

use super::own_memory::OwnMemory;
use super::proc_text::read_text;
use std::ffi::{CStr, c_int, c_long, c_ulong};
use std::io;

/// Shared mappings up to this size are copied; larger ones become read-only, and a destructor that writes into one ends the child.
const COPIED: usize = 64 << 20;

/// Cuts this process off from memory that others share, but for the mapping that holds `ours`.
pub fn privatize_shared_memory(ours: usize) -> io::Result<()> {
    let maps = read_text("/proc/self/maps")?;
    let memory = OwnMemory::open()?;
    for (start, end) in maps.lines().filter_map(shared_and_writable) {
        let length = end - start;
        if (start..end).contains(&ours) {
            continue;
        }
        // SAFETY: a new mapping takes the place of one that is no longer to be reached; same address, same length, same contents. What is read
        // through `OwnMemory` cannot fault: a page beyond the end of its file is an error there and stays zero.
        let done = unsafe {
            let target = start as *mut libc::c_void;
            if length > COPIED {
                libc::mprotect(target, length, libc::PROT_READ) == 0
            } else {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                let copy = libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
                copy != libc::MAP_FAILED && {
                    let bytes = std::slice::from_raw_parts_mut(copy.cast::<u8>(), length);
                    for (page, chunk) in bytes.chunks_mut(4096).enumerate() {
                        let _beyond_the_end = memory.read_exact_at(chunk, start + page * 4096);
                    }
                    let fixed = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
                    libc::mremap(copy, length, length, fixed, target) == target
                }
            }
        };
        if !done {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// The range of a line of `/proc/self/maps` with `rw-s` or `rwxs`.
fn shared_and_writable(line: &str) -> Option<(usize, usize)> {
    let (range, rest) = line.split_once(' ')?;
    let permissions = rest.as_bytes();
    if permissions.get(1) != Some(&b'w') || permissions.get(3) != Some(&b's') {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

/// Gives a finished file its name, and never another file's: fails where `to` exists. Called with the strings that [`confine`] was lent.
pub fn publish(from: &CStr, to: &CStr) -> io::Result<()> {
    // SAFETY: two NUL-terminated paths.
    let done = unsafe {
        libc::syscall(
            libc::SYS_renameat2,
            libc::AT_FDCWD,
            from.as_ptr(),
            libc::AT_FDCWD,
            to.as_ptr(),
            libc::RENAME_NOREPLACE as c_ulong,
        )
    };
    if done == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    // SAFETY: as above. A file system that does not know the flag (NFS) cannot promise it; there, looking first has to do.
    let renamed = matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS))
        && unsafe {
            libc::access(to.as_ptr(), libc::F_OK) != 0
                && libc::syscall(libc::SYS_rename, from.as_ptr(), to.as_ptr()) == 0
        };
    if renamed { Ok(()) } else { Err(error) }
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Offsets in `struct seccomp_data` of linux/seccomp.h.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// Since Linux 6.6.
const FCHMODAT2: c_long = 452;

/// Never needed by V8's generator or by us, and each of them reaches beyond this process.
const REFUSED: [c_long; 65] = [
    libc::SYS_unlinkat,
    libc::SYS_rmdir,
    libc::SYS_renameat,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_link,
    libc::SYS_linkat,
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_mknod,
    libc::SYS_mknodat,
    libc::SYS_creat,
    libc::SYS_openat2,
    libc::SYS_truncate,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_chown,
    libc::SYS_fchown,
    libc::SYS_lchown,
    libc::SYS_fchownat,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_chroot,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
    libc::SYS_ptrace,
    libc::SYS_process_vm_writev,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgsnd,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_mq_timedsend,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// Refuses, from now on and for good, what is listed above, and files opened for writing. `own` are the paths that this process may still rename and remove,
/// known by their addresses: they have to live as long as the process.
pub fn confine(own: &[&'static CStr]) -> io::Result<()> {
    let mut program = Program::default();
    program.push(LOAD, ARCHITECTURE, 0, 0);
    // Another architecture's numbers mean other calls.
    program.push(EQUAL, AUDIT_ARCH_X86_64, 1, 0);
    program.push(RETURN, REFUSE, 0, 0);
    for number in REFUSED {
        program.on(number, |inner| inner.push(RETURN, REFUSE, 0, 0));
    }
    let writes = (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC) as u32;
    for (number, flags) in [(libc::SYS_open, 1), (libc::SYS_openat, 2)] {
        program.on(number, |inner| {
            inner.push(LOAD, argument(flags), 0, 0);
            inner.push(ANY_BIT, writes, 0, 1);
            inner.push(RETURN, REFUSE, 0, 0);
            inner.push(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0);
        });
    }
    for (number, path) in [(libc::SYS_unlink, 0), (libc::SYS_rename, 0), (libc::SYS_renameat2, 1)] {
        program.on(number, |inner| {
            for string in own {
                inner.allow_if_argument_is(path, string.as_ptr() as u64);
            }
            inner.push(RETURN, REFUSE, 0, 0);
        });
    }
    // `raise` and `abort` signal their own thread.
    program.on(libc::SYS_tgkill, |inner| {
        inner.allow_if_argument_is(0, u64::from(std::process::id()));
        inner.push(RETURN, REFUSE, 0, 0);
    });
    program.push(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0);
    program.install()
}

#[derive(Default)]
struct Program(Vec<libc::sock_filter>);

impl Program {
    fn push(&mut self, code: u16, k: u32, jt: u8, jf: u8) {
        self.0.push(libc::sock_filter { code, jt, jf, k });
    }

    /// `body`, which has to return in every case, for one system call.
    fn on(&mut self, number: c_long, body: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        body(&mut inner);
        self.push(LOAD, NUMBER, 0, 0);
        self.push(EQUAL, number as u32, 0, inner.0.len() as u8);
        self.0.append(&mut inner.0);
    }

    /// An argument is 64 bits wide and read in two halves, the lower first.
    fn allow_if_argument_is(&mut self, index: u32, value: u64) {
        self.push(LOAD, argument(index), 0, 0);
        self.push(EQUAL, value as u32, 0, 3);
        self.push(LOAD, argument(index) + 4, 0, 0);
        self.push(EQUAL, (value >> 32) as u32, 0, 1);
        self.push(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0);
    }

    fn install(mut self) -> io::Result<()> {
        let program = libc::sock_fprog { len: self.0.len() as u16, filter: self.0.as_mut_ptr() };
        let call = |option: c_int, first: c_ulong, second: c_ulong| {
            // SAFETY: options of this process alone; the program is read during the call.
            if unsafe { libc::prctl(option, first, second, 0, 0) } == 0 {
                Ok(())
            } else {
                Err(io::Error::last_os_error())
            }
        };
        call(libc::PR_SET_NO_NEW_PRIVS, 1, 0)?;
        call(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER as c_ulong, (&raw const program) as c_ulong)
    }
}
