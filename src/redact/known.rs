//! The names that a bare Node has: those of JavaScript's built-in objects and of Node's own modules.
//!
//! V8 keeps no bytecode of most of Node's functions, so nothing in a heap proves that a name such as `setEncoding` is from a source. The list is
//! made by `scripts/known-names.js` from the heaps of the stock Node 20, 22, 24 and 26.

use std::sync::OnceLock;

/// Whether Node itself has something of this name.
pub(super) fn is_known(name: &str) -> bool {
    // Sorted by its bytes, one name a line.
    static NAMES: OnceLock<Vec<&str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| include_str!("known-names.txt").lines().collect());
    names.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_node_and_javascript_are_known() {
        for name in ["prototype", "setEncoding", "_events", "Symbol.iterator", "Map Iterator", "__proto__"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "RequestLog", "alice@example.com"] {
            assert!(!is_known(name), "{name}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_holds_names_only() {
        let names: Vec<&str> = include_str!("known-names.txt").lines().collect();
        assert!(names.is_sorted());
        assert!(names.iter().all(|name| !name.is_empty()
            && !name.contains("/home")
            && !name.bytes().all(|byte| byte.is_ascii_digit())));
    }
}
