//! A name for a bug that stays the same across runs, loads, machines and Node versions, so that two reports can be known as one.
//!
//! It is made of what the program's source decides: cause, class, holder, and the names along the path. Counts, ids, indices,
//! sizes and directories are left out.

use super::verdict::{Cause, Holder, PathStep};

/// Steps that are looked at: farther up the path is Node's own and differs between versions.
const STEPS: usize = 4;

pub fn fingerprint(cause: Cause, class: &str, holder: &Holder, path: &[PathStep]) -> String {
    let mut hash = Fnv1a::new();
    for part in [cause.as_str(), class, &holder.class, holder.name.as_deref().unwrap_or("")] {
        hash.part(part);
    }
    for step in path.iter().filter(|step| step.edge_type == "property" || step.edge_type == "context").take(STEPS) {
        hash.part(&step.edge);
    }
    format!("{:016x}", hash.0)
}

/// FNV-1a, 64 bit: small, and fixed for ever, which the standard library's hasher does not promise.
struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }

    /// Digits are taken out, since names made by machines differ in them, and a zero byte ends each part.
    fn part(&mut self, text: &str) {
        for byte in text.bytes().filter(|byte| !byte.is_ascii_digit()).chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(edge: &str, edge_type: &str, id: u64) -> PathStep {
        PathStep { edge: edge.into(), edge_type: edge_type.into(), class: "Array".into(), id }
    }

    fn holder(name: &str) -> Holder {
        Holder { class: "Array".into(), name: Some(name.into()) }
    }

    #[test]
    fn indices_and_ids_do_not_matter() {
        let a = fingerprint(Cause::Collection, "RequestLog", &holder("logs"), &[step("7", "element", 5), step("logs", "context", 9)]);
        let b = fingerprint(Cause::Collection, "RequestLog", &holder("logs"), &[step("4711", "element", 1), step("logs", "context", 2)]);
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
        let value = fingerprint(Cause::Collection, "RequestLog", &holder("logs"), &[step("logs", "context", 9)]);
        assert_eq!(value, "PINNED");
    }
}
