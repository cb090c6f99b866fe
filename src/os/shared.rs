//! A piece of memory that a process and its forked child see alike.

use std::ptr::NonNull;

/// One `T` in an anonymous shared mapping. `T` has to be made of atomics: both processes hold `&T` at the same time.
pub struct SharedPage<T: Sync> {
    address: NonNull<T>,
}

// SAFETY: access is by `&T` only, and `T: Sync` allows that from any thread; the mapping belongs to this value.
unsafe impl<T: Sync> Send for SharedPage<T> {}
// SAFETY: as for `Send`.
unsafe impl<T: Sync> Sync for SharedPage<T> {}

impl<T: Sync> SharedPage<T> {
    pub fn new(value: T) -> std::io::Result<Self> {
        const { assert!(!std::mem::needs_drop::<T>() && align_of::<T>() <= 4096) };
        // SAFETY: a new anonymous mapping, placed by the kernel.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        let address = NonNull::new(address.cast::<T>()).ok_or_else(std::io::Error::last_os_error)?;
        // SAFETY: the mapping is at least that large, page-aligned, and nobody else knows it yet.
        unsafe { address.write(value) };
        Ok(Self { address })
    }
}

impl<T: Sync> SharedPage<T> {
    /// Where it is mapped, in both processes.
    pub fn address(&self) -> usize {
        self.address.as_ptr() as usize
    }
}

impl<T: Sync> std::ops::Deref for SharedPage<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: initialised in `new`, mapped until `drop`.
        unsafe { self.address.as_ref() }
    }
}

impl<T: Sync> Drop for SharedPage<T> {
    fn drop(&mut self) {
        // SAFETY: the mapping of `new`, whole; the borrow checker has ended every reference to it.
        unsafe { libc::munmap(self.address.as_ptr().cast(), size_of::<T>()) };
    }
}
