//! A name for a bug that stays the same across runs, loads, machines and Node versions, so that two reports can be known as one.
//!
//! It is made of what the program's source decides: cause, class, holder, and the names by which things hold each other up to
//! the holder. Counts, ids, indices, sizes and directories are left out, and so is the rest of the path: farther up it is Node's
//! own and differs between versions, as do its symbols. A name that was redacted says no more than that there was one: its hash differs in each process.

use super::path::Hop;
use super::role;
use super::verdict::{Cause, Holder};
use crate::redact::is_placeholder;

/// `piling` are the hops below the holder: those that pile up with what is leaked.
pub fn fingerprint(cause: Cause, class: &str, holder: &Holder, piling: &[Hop]) -> String {
    let mut hash = Fnv1a::new();
    let name = holder.name.as_deref().filter(|name| !is_symbol(name)).unwrap_or("");
    for part in [cause.as_str(), class, &holder.class, name] {
        hash.part(part);
    }
    let mut below = "";
    for hop in piling {
        // In a list of neighbours it is chance which way leads out, and how far.
        if let Some(name) = hop.name().filter(|name| hop.class != below && !is_symbol(name)) {
            hash.part(name);
        }
        below = &hop.class;
    }
    format!("{:016x}", hash.0)
}

/// A property under a symbol, as V8 writes it: `<symbol kResourceStore>`.
fn is_symbol(name: &str) -> bool {
    name.starts_with("<symbol ")
}

/// FNV-1a, 64 bit: small, and fixed for ever, which the standard library's hasher does not promise.
struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }

    /// Digits are taken out, since names made by machines differ in them, and a zero byte ends each part.
    fn part(&mut self, text: &str) {
        let text = if is_placeholder(text) { role::KEY } else { text };
        for byte in text.bytes().filter(|byte| !byte.is_ascii_digit()).chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{EdgeType, NodeIdx};

    fn hop(edge: &str, kind: EdgeType, class: &str) -> Hop {
        Hop { node: NodeIdx(7), edge: edge.into(), kind, class: class.into() }
    }

    fn holder(name: &str) -> Holder {
        Holder { class: "Array".into(), name: Some(name.into()) }
    }

    #[test]
    fn indices_and_the_length_of_a_list_do_not_matter() {
        let timeout = |edge| hop(edge, EdgeType::Property, "Timeout");
        let a = fingerprint(Cause::Timer, "State", &holder("jobs"), &[timeout("_onTimeout"), timeout("_idleNext")]);
        let b = fingerprint(
            Cause::Timer,
            "State",
            &holder("jobs"),
            &[hop("7", EdgeType::Element, "Array"), timeout("_onTimeout")],
        );
        assert_eq!(a, b);
        assert_eq!(a.len(), 16);
    }

    #[test]
    fn another_holder_is_another_bug() {
        let a = fingerprint(Cause::Collection, "RequestLog", &holder("logs"), &[]);
        assert_ne!(a, fingerprint(Cause::Collection, "RequestLog", &holder("audit"), &[]));
        assert_ne!(a, fingerprint(Cause::Listener, "RequestLog", &holder("logs"), &[]));
    }

    #[test]
    fn the_value_is_fixed_for_ever() {
        let value =
            fingerprint(Cause::Collection, "RequestLog", &holder("logs"), &[hop("log", EdgeType::Property, "Entry")]);
        assert_eq!(value, "a777121d0ebd527c");
    }
}
