//! Who else has a say when this process forks: handlers of `pthread_atfork`.
//!
//! They run at every fork, the app's own `child_process.spawn` included: in the parent, where they lengthen the stop, and in the child before any
//! line of ours. The C library does not tell who has registered one, but whoever did has linked the function, and that is written in its dynamic symbol
//! table. So this names suspects, for `capabilities()` and for the sentence about a child that never came to life.

use super::elf::called_functions;
use std::ffi::{CStr, c_int, c_void};

/// The libraries, by file name, that can have registered a fork handler; not the executable, the C library's own, or this addon.
pub fn fork_handlers() -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: the callback is called for each loaded object, on this thread, before the call returns; `names` outlives it.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut names).cast()) };
    names
}

/// They take part in every fork and are made for it.
const KNOWN: [&str; 7] =
    ["libc.so", "libpthread.so", "libstdc++.so", "libgcc_s.so", "ld-linux", "linux-vdso", "leakhunt."];
const REGISTER: [&[u8]; 3] = [b"__register_atfork", b"pthread_atfork", b"__pthread_atfork"];

unsafe extern "C" fn visit(object: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
    // SAFETY: the loader lends the record for this call; `data` is the list that `fork_handlers` passed.
    let (object, names) = unsafe { (&*object, &mut *data.cast::<Vec<String>>()) };
    if object.dlpi_name.is_null() {
        return 0;
    }
    // SAFETY: not null, so it is a NUL-terminated string of the loader's.
    let name = unsafe { CStr::from_ptr(object.dlpi_name) }.to_string_lossy();
    let file = name.rsplit('/').next().unwrap_or(&name);
    if file.is_empty() || KNOWN.iter().any(|known| file.starts_with(known)) {
        return 0;
    }
    let mut registers = false;
    // SAFETY: the loader holds its lock while it iterates, so the object stays.
    unsafe { called_functions(object, |function, _slot| registers |= REGISTER.contains(&function)) };
    if registers {
        names.push(file.to_owned());
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_no_handlers_but_those_that_are_known() {
        assert_eq!(fork_handlers(), Vec::<String>::new());
    }
}
