//! Which functions of other objects a loaded object calls, read from its ELF tables (elf(5)).

use std::ffi::{CStr, c_char};

/// `Elf64_Dyn`.
#[repr(C)]
struct Dynamic {
    tag: i64,
    value: u64,
}

/// `Elf64_Rela`.
#[repr(C)]
struct Relocation {
    offset: u64,
    info: u64,
    _addend: i64,
}

/// Relocation types whose slot holds the bare address of a function.
#[cfg(target_arch = "x86_64")]
const GLOB_DAT_AND_JUMP_SLOT: [u32; 2] = [6, 7];
#[cfg(not(target_arch = "x86_64"))]
const GLOB_DAT_AND_JUMP_SLOT: [u32; 2] = [1025, 1026];

/// Calls `each` with the name of every function that `object` calls through a slot, and the slot's address.
///
/// # Safety
/// `object` describes an ELF object that glibc's loader has mapped, and that stays mapped during the call.
pub unsafe fn called_functions(object: &libc::dl_phdr_info, mut each: impl FnMut(&[u8], usize)) {
    const DT_PLTRELSZ: i64 = 2;
    const DT_STRTAB: i64 = 5;
    const DT_SYMTAB: i64 = 6;
    const DT_RELA: i64 = 7;
    const DT_RELASZ: i64 = 8;
    const DT_JMPREL: i64 = 23;
    // SAFETY: the loader's own table of program headers.
    let headers = unsafe { std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum as usize) };
    for header in headers.iter().filter(|header| header.p_type == libc::PT_DYNAMIC) {
        let mut entry = (object.dlpi_addr + header.p_vaddr) as *const Dynamic;
        let (mut strings, mut symbols, mut tables) = (0, 0, [(0u64, 0u64); 2]);
        // SAFETY: the dynamic section ends with an entry of tag 0.
        while let Dynamic { tag: tag @ 1.., value } = unsafe { &*entry } {
            match *tag {
                DT_STRTAB => strings = *value,
                DT_SYMTAB => symbols = *value,
                DT_RELA => tables[0].0 = *value,
                DT_RELASZ => tables[0].1 = *value,
                DT_JMPREL => tables[1].0 = *value,
                DT_PLTRELSZ => tables[1].1 = *value,
                _ => {}
            }
            // SAFETY: not the last entry yet.
            entry = unsafe { entry.add(1) };
        }
        // Whoever has not turned these into addresses (musl, and any loader for the kernel's vdso) has left offsets from the object's own address.
        if strings.min(symbols) <= object.dlpi_addr {
            continue;
        }
        for (start, bytes) in tables.into_iter().filter(|(start, _)| *start != 0) {
            let count = usize::try_from(bytes).unwrap_or(0) / size_of::<Relocation>();
            // SAFETY: glibc has turned the section's offsets into addresses, all or none; the table has that many bytes.
            let relocations = unsafe { std::slice::from_raw_parts(start as *const Relocation, count) };
            for relocation in relocations {
                if !GLOB_DAT_AND_JUMP_SLOT.contains(&(relocation.info as u32)) {
                    continue;
                }
                // SAFETY: the upper half of `info` is an index into the symbol table, and `st_name` one into the string table.
                let name = unsafe {
                    let symbol = &*(symbols as *const libc::Elf64_Sym).add((relocation.info >> 32) as usize);
                    CStr::from_ptr((strings as *const c_char).add(symbol.st_name as usize))
                };
                each(name.to_bytes(), (object.dlpi_addr + relocation.offset) as usize);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::{c_int, c_void};

    unsafe extern "C" fn count(object: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
        // SAFETY: the loader lends the record for this call, with the object in place; `data` is the test's list.
        unsafe {
            let mut functions = 0;
            called_functions(&*object, |_, _| functions += 1);
            (*data.cast::<Vec<usize>>()).push(functions);
        }
        0
    }

    #[test]
    fn every_object_of_a_process_can_be_read_the_vdso_too() {
        let mut objects: Vec<usize> = Vec::new();
        // SAFETY: the callback is called on this thread before the call returns; the list outlives it.
        unsafe { libc::dl_iterate_phdr(Some(count), (&raw mut objects).cast()) };
        assert!(objects.len() > 2 && objects[0] > 0, "{objects:?}");
    }
}
