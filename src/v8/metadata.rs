//! V8's post-mortem metadata: numbers that every stock `node` exports for debuggers, about the layout of its own heap.
//!
//! Each is a 32-bit integer under a name like `v8dbg_type_Map__MAP_TYPE` (V8's `tools/gen-postmortem-metadata.py`
//! makes them at build time), so it is right for this very binary. Names differ between versions; what they mean is known to [`crate::pages`].

use super::symbols::data_address;
use std::ffi::CString;

/// The number under `v8dbg_` and `name`; `None` where this executable does not export it. One look-up in the dynamic linker's table, some microseconds.
pub fn metadata(name: &str) -> Option<i32> {
    let symbol = CString::new(format!("v8dbg_{name}")).ok()?;
    let address = data_address(&symbol)?;
    // SAFETY: a symbol of this name is an `int` in the executable's data, which stays mapped as long as the process.
    Some(unsafe { address.cast::<i32>().as_ptr().read_unaligned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_node_there_is_none() {
        assert_eq!(metadata("type_Map__MAP_TYPE"), None);
        assert_eq!(metadata("a\0b"), None);
    }
}
