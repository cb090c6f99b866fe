//! Suspects that are told with another one.

use super::case::Charged;
use super::place;
use super::role;
use super::verdict::{Cause, Companion, Suspect};

/// Keys of a map beside its values, promises beside the reactions to them: what hangs on the same holder and grows by about the
/// same number is a by-product of what has a name of its own, or else of the larger one, and is told with it. So is what Node makes
/// around its connections and keeps by itself.
pub fn merge_by_products(mut charged: Vec<Charged>) -> Vec<Charged> {
    let mut kept: Vec<Charged> = Vec::new();
    // Stable, so that among each sort the larger ones are still first.
    charged.sort_by_key(|charge| role::is_builtin(base_class(&charge.suspect.class)));
    for charge in charged {
        let s = &charge.suspect;
        let builtin = role::is_builtin(base_class(&s.class));
        let alike = |other: &Suspect| {
            let (a, b) = (other.growth_per_snapshot, s.growth_per_snapshot);
            b > 0 && (a - b).abs() * 10 <= a
        };
        let nodes_own = s.cause == Cause::Other && s.location.as_ref().is_none_or(|l| place::is_nodes(&l.script));
        let is_whole =
            |k: &Suspect| builtin && (k.holder == s.holder && alike(k) || nodes_own && k.cause == Cause::Connection);
        let whole = kept.iter_mut().map(|k| &mut k.suspect).find(|k| is_whole(k));
        match whole {
            Some(whole) if whole.grows_with.iter().any(|c| c.class == s.class) => {}
            Some(whole) => whole.grows_with.push(Companion { class: s.class.clone(), counts: s.counts.clone() }),
            None => kept.push(charge),
        }
    }
    kept
}

/// `Object` of `Object {id, name}`.
fn base_class(class: &str) -> &str {
    class.split_once(" {").map_or(class, |(base, _)| base)
}
