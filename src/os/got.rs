//! Locks of the dead: what has to change in a forked child before it may run V8.
//!
//! The child has one thread, but its memory remembers the others: a mutex that one of them held, a condition variable that
//! one of them waited on. So in the child, and only there, the slots through which the executable calls the thread library are written over:
//! taking and giving locks always succeeds, since one thread needs none; and a wait that nobody can end is turned into an exit code, so that it is
//! an answer (the moment was not quiet) and not a hang.
//!
//! The slots are found before the fork, by reading the ELF tables of the executable and of the libraries that V8 may live in; the child
//! only writes them.

use super::elf::called_functions;
use std::ffi::{CStr, c_int, c_long, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Exit code of a child that met a wait which cannot end: the fork was made at an unlucky moment and may be tried again.
pub const EXIT_NOT_QUIET: c_int = 75;

/// The slots of this process and what the child writes there.
pub struct LockPatch {
    slots: Vec<(usize, usize)>,
}

impl LockPatch {
    pub fn find() -> Self {
        let mut search = Search { first: true, slots: Vec::new() };
        if !find_real_system_call() {
            return Self { slots: search.slots };
        }
        // SAFETY: the callback is called for each loaded object, on this thread, before the call returns; `search` outlives it.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
        Self { slots: search.slots }
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Writes the slots. For the only thread of a forked child.
    pub fn apply_in_child(&self) {
        const PAGE: usize = 4096;
        for (slot, replacement) in &self.slots {
            let page = slot & !(PAGE - 1);
            // SAFETY: the slot is an aligned word of a table of a loaded object (found by its relocations). Full RELRO has made it read-only,
            // hence `mprotect`. No other thread exists that could call through it meanwhile.
            unsafe {
                if libc::mprotect(page as *mut c_void, PAGE, libc::PROT_READ | libc::PROT_WRITE) == 0 {
                    (*slot as *mut usize).write_volatile(*replacement);
                }
            }
        }
    }
}

struct Search {
    first: bool,
    slots: Vec<(usize, usize)>,
}

/// Libraries that may hold V8, libuv or the C++ runtime where `node` is not one executable.
const LIBRARIES: [&str; 4] = ["libnode", "libv8", "libuv", "libstdc++"];

unsafe extern "C" fn visit(object: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
    // SAFETY: the loader lends the record for this call; `data` is the `Search` that `find` passed.
    let (object, search) = unsafe { (&*object, &mut *data.cast::<Search>()) };
    let is_executable = std::mem::replace(&mut search.first, false);
    let name = if object.dlpi_name.is_null() {
        c""
    } else {
        // SAFETY: not null, so it is a NUL-terminated string of the loader's.
        unsafe { CStr::from_ptr(object.dlpi_name) }
    };
    let name = name.to_str().unwrap_or("");
    let file = name.rsplit('/').next().unwrap_or(name);
    if is_executable || LIBRARIES.iter().any(|library| file.starts_with(library)) {
        // SAFETY: an object that is loaded and stays loaded, and whose tables glibc has relocated.
        unsafe {
            called_functions(object, |name, slot| {
                if let Some(replacement) = replacement(name) {
                    search.slots.push((slot, replacement));
                }
            });
        }
    }
    0
}

fn replacement(name: &[u8]) -> Option<usize> {
    Some(match name {
        b"pthread_mutex_lock"
        | b"pthread_mutex_trylock"
        | b"pthread_mutex_unlock"
        | b"pthread_cond_signal"
        | b"pthread_cond_broadcast"
        | b"pthread_rwlock_rdlock"
        | b"pthread_rwlock_wrlock"
        | b"pthread_rwlock_unlock"
        | b"pthread_rwlock_tryrdlock"
        | b"pthread_rwlock_trywrlock"
        | b"sem_post" => succeed as *const () as usize,
        b"pthread_cond_wait" | b"sem_wait" | b"pthread_join" | b"pthread_barrier_wait" => never as *const () as usize,
        b"pthread_cond_timedwait" | b"pthread_cond_clockwait" | b"pthread_mutex_timedlock" | b"sem_timedwait" => {
            time_out as *const () as usize
        }
        b"syscall" => system_call as *const () as usize,
        _ => return None,
    })
}

unsafe extern "C" fn succeed(_: *mut c_void) -> c_int {
    0
}

/// A wait that only another thread could end.
unsafe extern "C" fn never(_: *mut c_void, _: *mut c_void) -> c_int {
    super::child::end_child_early(EXIT_NOT_QUIET)
}

unsafe extern "C" fn time_out(_: *mut c_void, _: *mut c_void, _: *mut c_void) -> c_int {
    libc::ETIMEDOUT
}

type SystemCall = unsafe extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long;

/// `syscall` inside libc. The name as this addon links it can lead back to the executable's patched slot: where the executable takes a
/// function's address, its own stub is that function's address for everybody.
static REAL_SYSTEM_CALL: AtomicUsize = AtomicUsize::new(0);

fn find_real_system_call() -> bool {
    // SAFETY: libc is loaded already, so this only finds it; the handle is never closed, and the names are NUL-terminated.
    let address = unsafe {
        let libc_handle = libc::dlopen(c"libc.so.6".as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if libc_handle.is_null() { std::ptr::null_mut() } else { libc::dlsym(libc_handle, c"syscall".as_ptr()) }
    };
    // Relaxed: the fork orders this store before everything in the child.
    REAL_SYSTEM_CALL.store(address as usize, Ordering::Relaxed);
    !address.is_null()
}

/// Abseil's mutexes (Node 24 and 26) wait by `syscall(SYS_futex, …)`.
unsafe extern "C" fn system_call(
    number: c_long,
    a: c_long,
    operation: c_long,
    c: c_long,
    timeout: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    const COMMAND: c_long = 0x7f;
    const FUTEX_WAIT: c_long = 0;
    const FUTEX_WAIT_BITSET: c_long = 9;
    if number == libc::SYS_futex && matches!(operation & COMMAND, FUTEX_WAIT | FUTEX_WAIT_BITSET) && timeout == 0 {
        super::child::end_child_early(EXIT_NOT_QUIET)
    }
    // SAFETY: `LockPatch::find` has stored libc's own function before any slot could lead here.
    let real: SystemCall = unsafe { std::mem::transmute(REAL_SYSTEM_CALL.load(Ordering::Relaxed)) };
    // SAFETY: the call that the caller wanted, with all the arguments that a system call can have.
    unsafe { real(number, a, operation, c, timeout, e, f) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_executable_calls_the_thread_library_through_slots_that_are_found() {
        let patch = LockPatch::find();
        assert!(!patch.is_empty());
        for (slot, _) in &patch.slots {
            assert_eq!(slot % align_of::<usize>(), 0);
        }
    }
}
