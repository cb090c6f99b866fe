//! From profiles to the verdict: who is accused, who is acquitted, and how sure the answer may be.

use super::by_products::merge_by_products;
use super::candidates::{Candidate, candidates};
use super::case::{Charged, Court};
use super::causes::named;
use super::descent::Tree;
use super::figures::{bytes, count};
use super::growth::{Growth, OBJECTS, judge};
use super::known::{self, Accepted};
use super::origins::in_summary;
use super::ownership::Ownership;
use super::place;
use super::profile::{Placed, Profile};
use super::role::{self, Role};
use super::site::Site;
use super::verdict::{Acquitted, Answer, Holder, Large, UnnamedFunctions, VERSION, Verdict};
use crate::heap::{Graph, Retainers};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;

/// More suspects than this are no help.
const MOST: usize = 10;
/// So many are looked at closely: some of them turn out to be by-products of others.
const CHARGED: usize = 4 * MOST;
/// One interval cannot tell a leak from a queue that is full at the moment, a cache that fills, or what was loaded once.
const SURE: usize = 3;

/// What can be said of a single snapshot: what is large.
pub fn of_one(profile: Profile) -> Verdict {
    let mut verdict = undecided(&[&profile]);
    verdict.summary = one_snapshot(&verdict.largest);
    verdict
}

/// Nothing is judged yet. There is at least one profile.
fn undecided(profiles: &[&Profile]) -> Verdict {
    Verdict {
        version: VERSION,
        verdict: Answer::Inconclusive,
        summary: String::new(),
        snapshots: profiles.iter().map(|p| p.facts.clone()).collect(),
        suspects: Vec::new(),
        known: Vec::new(),
        unnamed_functions: UnnamedFunctions::default(),
        acquitted: Vec::new(),
        largest: profiles.last().map(|profile| largest(profile)).unwrap_or_default(),
        observations: Vec::new(),
        elsewhere: None,
        notes: Vec::new(),
    }
}

/// Of two snapshots and more. `is_over` is asked before each of the slow steps; from when it says so the answer is of no interest.
pub fn answer(
    earlier: &[Profile],
    placed: &Placed,
    graph: &Graph,
    tree: &Tree,
    retainers: &OnceCell<Retainers>,
    accepted: &[Accepted],
    is_over: &dyn Fn() -> bool,
) -> Verdict {
    let profiles: Vec<&Profile> = earlier.iter().chain([&placed.profile]).collect();
    let mut verdict = undecided(&profiles);
    if let Some(stranger) = stranger(&profiles) {
        verdict.summary = format!(
            "the snapshots come from different programs: {stranger} shares no script with {}",
            profiles[0].facts.path
        );
        return verdict;
    }
    let (growing, other): (Vec<_>, Vec<_>) =
        candidates(&profiles).into_iter().partition(|c| matches!(c.growth, Growth::Grows | Growth::Slows));
    let retainers = retainers.get_or_init(|| Retainers::compute(graph));
    let first = profiles[0].facts.shallow_bytes;
    let court = Court {
        graph,
        tree,
        retainers,
        placed,
        ownership: &Ownership::find(graph, tree, retainers, placed, &growing),
        candidates: &growing,
        piling: growing.iter().filter(|c| !c.swells).flat_map(|c| c.sites.iter().copied()).collect(),
        our_folder: place::our_folder(placed.profile.scripts.iter().map(|script| &**script)),
        heap_growth: placed.profile.facts.shallow_bytes.saturating_sub(first),
    };
    // The weightiest first, and not all of them: a charge costs several walks through the heap, and only the first few are told.
    let mut roots: Vec<usize> = (0..growing.len()).filter(|&c| court.ownership.is_root(c)).collect();
    roots.sort_by_key(|&c| (growing[c].growth == Growth::Slows, std::cmp::Reverse(growing[c].grown_bytes())));
    let mut charged: Vec<Charged> =
        roots.into_iter().take_while(|_| !is_over()).filter_map(|c| court.charge(c)).take(CHARGED).collect();
    let by_weight = |c: &Charged| (c.growth == Growth::Slows, std::cmp::Reverse(c.grown_bytes));
    charged.sort_by_key(by_weight);
    let mut charged = merge_by_products(charged);
    charged.sort_by_key(by_weight);
    let (mut charged, known) = known::set_apart(charged, accepted);
    verdict.known = known;
    charged.truncate(MOST);
    verdict.unnamed_functions = unnamed_functions(&charged);
    let sure = profiles.len() >= SURE && charged.iter().any(|c| c.growth == Growth::Grows);
    verdict.acquitted = acquitted(graph, tree, retainers, placed, &other);
    verdict.suspects = charged.into_iter().map(|c| c.suspect).collect();
    verdict.suspects.iter_mut().zip(1..).for_each(|(suspect, rank)| suspect.rank = rank);
    verdict.notes.extend(known::lapsed(&verdict.suspects, accepted));
    let tiny = if verdict.suspects.is_empty() { tiny_growth(&profiles, placed, graph) } else { None };
    verdict.verdict = match (verdict.suspects.is_empty(), sure) {
        (false, true) => Answer::Leak,
        (true, _) if tiny.is_none() => Answer::NoLeak,
        _ => Answer::Inconclusive,
    };
    verdict.summary = summary(&verdict, tiny);
    verdict
}

fn summary(verdict: &Verdict, tiny: Option<String>) -> String {
    let n = verdict.snapshots.len();
    let Some(s) = verdict.suspects.first() else {
        let nothing = || match verdict.known.len() {
            0 => format!("nothing grows without bound in {n} snapshots"),
            1 => format!("nothing but one known leak grows without bound in {n} snapshots"),
            known => format!("nothing but {known} known leaks grows without bound in {n} snapshots"),
        };
        return tiny.unwrap_or_else(nothing);
    };
    let kin: Vec<&str> =
        s.grows_with.iter().map(|c| c.class.as_str()).filter(|c| !role::is_value_class(c)).take(2).collect();
    let kin = if kin.is_empty() { String::new() } else { format!(" (and with it {})", kin.join(", ")) };
    let place = s.location.as_ref().map(|l| format!(", see {}", in_summary(l))).unwrap_or_default();
    let grew = if s.counts.first() == s.counts.last() {
        let retained = &s.retained_bytes;
        format!("grew from {} to {}", bytes(retained[0]), bytes(retained[n - 1]))
    } else {
        format!("grew from {} to {}", count(s.counts[0]), count(s.counts[n - 1]))
    };
    let more = match verdict.suspects.len() - 1 {
        0 => String::new(),
        1 => "; one more suspect".to_string(),
        more => format!("; {more} more suspects"),
    };
    let doubt = match (verdict.verdict, n) {
        (Answer::Leak, _) => "",
        (_, 2) => "; two snapshots cannot tell a leak from something loaded once",
        _ => "; it slows down, so one more snapshot is needed",
    };
    let held = if s.holder.class == s.class { String::new() } else { format!(", held by {}", named(&s.holder)) };
    let who = if held.is_empty() { named(&s.holder) } else { s.class.clone() };
    format!("{who}{kin} {grew} in {n} snapshots{held}{place}{more}{doubt}")
}

fn one_snapshot(largest: &[Large]) -> String {
    let what = largest
        .first()
        .map(|l| format!("; the largest is {} with {} retained", l.class, bytes(l.retained_bytes)))
        .unwrap_or_default();
    format!("one snapshot cannot show growth{what}")
}

/// The first snapshot that shares no script with the first.
fn stranger<'a>(profiles: &[&'a Profile]) -> Option<&'a str> {
    let (first, rest) = profiles.split_first()?;
    let strange = rest
        .iter()
        .find(|p| !p.scripts.is_empty() && !first.scripts.is_empty() && p.scripts.is_disjoint(&first.scripts));
    strange.map(|p| p.facts.path.as_str())
}

/// A class of the program's own that grows in a straight line, but so little that it may be chance.
fn tiny_growth(profiles: &[&Profile], placed: &Placed, graph: &Graph) -> Option<String> {
    const EACH: u64 = 5;
    let mut joined: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for (snapshot, profile) in profiles.iter().enumerate() {
        for site in &profile.sites {
            joined.entry(site.keys.chain).or_insert_with(|| vec![0; profiles.len()])[snapshot] += site.count;
        }
    }
    let things = placed.profile.sites.iter().filter(|s| s.role == Role::Thing && !role::is_builtin(s.class()));
    let steady = things.filter(|site| {
        let counts = &joined[&site.keys.chain];
        counts.windows(2).all(|w| w[1] >= w[0] + EACH) && judge(counts, OBJECTS) == Growth::Small
    });
    // Each costs a walk over the heap.
    for site in steady.take(MOST) {
        let counts = &joined[&site.keys.chain];
        let instance =
            graph.nodes().find(|&node| placed.site_of(node).is_some_and(|id| placed.site(id).keys == site.keys))?;
        let own = place::constructor(graph, instance)
            .and_then(|c| place::of_function(graph, c))
            .is_some_and(|l| place::is_own(&l.script));
        if own {
            return Some(format!(
                "{} grew from {} to {}, too little to tell a leak from chance: put more load on between snapshots",
                site.class(),
                counts[0],
                counts[counts.len() - 1]
            ));
        }
    }
    None
}

fn acquitted(
    graph: &Graph,
    tree: &Tree,
    retainers: &Retainers,
    placed: &Placed,
    candidates: &[Candidate],
) -> Vec<Acquitted> {
    const NAMED: usize = 8;
    let known: Vec<Candidate> =
        candidates.iter().filter(|c| !role::is_builtin(&c.class) && !c.sites.is_empty()).cloned().collect();
    let ownership = Ownership::find(graph, tree, retainers, placed, &known);
    let roots = (0..known.len()).filter(|&c| ownership.is_root(c)).map(|c| &known[c]);
    roots
        .take(NAMED)
        .map(|c| Acquitted {
            class: c.class.clone(),
            counts: c.counts.clone(),
            holder: holder_of(placed.site(c.sites[0])),
            reason: match c.growth {
                Growth::Jumped => "loaded once, and flat since",
                Growth::Levelled => "levels off, as a cache or a pool does",
                _ => "goes up and down",
            }
            .to_string(),
        })
        .collect()
}

fn largest(profile: &Profile) -> Vec<Large> {
    const LISTED: usize = 8;
    let mut sites: Vec<&Site> =
        profile.sites.iter().filter(|s| s.role == Role::Thing && !role::is_carrier(s.class())).collect();
    sites.sort_by_key(|s| std::cmp::Reverse(s.retained));
    sites
        .into_iter()
        .take(LISTED)
        .map(|s| Large {
            class: s.class().to_string(),
            count: s.count,
            retained_bytes: s.retained,
            holder: holder_of(s),
        })
        .collect()
}

/// The holder as the site's chain tells it.
fn holder_of(site: &Site) -> Holder {
    let name = |edge: &str| {
        (!matches!(edge, "" | role::ENTRY | role::KEY | role::SHARED | role::WEAK_ENTRY)).then(|| edge.to_string())
    };
    match site.chain.get(1) {
        Some(link) if link.class.starts_with(role::CONTEXT) => {
            Holder { class: role::CONTEXT.to_string(), name: name(site.edge()) }
        }
        Some(link) => Holder { class: link.class.to_string(), name: name(&link.edge).or_else(|| name(site.edge())) },
        None => Holder { class: "(GC roots)".to_string(), name: None },
    }
}

fn unnamed_functions(charged: &[Charged]) -> UnnamedFunctions {
    const LISTED: usize = 10;
    let mut found = UnnamedFunctions::default();
    for function in charged.iter().flat_map(|c| &c.functions) {
        found.leaking_closures += function.count;
        if !function.unnamed || found.functions.iter().any(|known| known.location == function.told.location) {
            continue;
        }
        found.unnamed += function.count;
        if found.functions.len() < LISTED {
            found.locations.push(function.told.location.clone());
            found.functions.push(function.told.clone());
        }
    }
    found
}
