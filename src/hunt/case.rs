//! The case against one candidate: from a number that grows to a suspect with a name, a holder, a path and a line of code.

use super::candidates::Candidate;
use super::causes::{self, Finding, Scene};
use super::cleanup;
use super::descent::Tree;
use super::figures::{bytes, count, series};
use super::fingerprint::fingerprint;
use super::growth::Growth;
use super::loading;
use super::ownership::Ownership;
use super::path::{self, Hop};
use super::place;
use super::profile::Placed;
use super::role;
use super::site::SiteId;
use super::verdict::{Cause, Companion, Location, Suspect};
use crate::heap::{Graph, NodeIdx, NodeType, Retainers};
use rustc_hash::FxHashSet;

/// What grows with a suspect: so many are named.
const COMPANIONS: usize = 6;
/// Property names in the class of a plain object.
const SHAPE: usize = 5;
/// Instances of which the one with the shortest path stands for all.
const TRIED: usize = 8;

pub struct Court<'a> {
    pub graph: &'a Graph,
    pub tree: &'a Tree,
    pub retainers: &'a Retainers,
    pub placed: &'a Placed,
    pub candidates: &'a [Candidate],
    pub ownership: &'a Ownership,
    /// The sites of all candidates whose things become more.
    pub piling: FxHashSet<SiteId>,
    /// Growth of the whole heap from the first snapshot to the last, in bytes.
    pub heap_growth: u64,
}

/// A suspect, with what the ranking needs.
pub struct Charged {
    pub suspect: Suspect,
    pub growth: Growth,
    pub grown_bytes: u64,
    pub closures: Vec<NodeIdx>,
    pub closure_count: u64,
}

impl Court<'_> {
    /// `None` where there is nobody to accuse: only the stack or V8's own machinery keeps the things.
    pub fn charge(&self, root: usize) -> Option<Charged> {
        let candidates = self.candidates;
        let below = self.ownership.below(root);
        let shown = self.whom_to_name(root, &below);
        if self.is_code_being_loaded(shown) || self.is_pending(shown) {
            return None;
        }
        let (instance, hops) = self.example(shown)?;
        let top = &candidates[root];
        // Text in V8's own tables, and nowhere else.
        if role::is_value_class(&candidates[shown].class)
            && hops.first().is_none_or(|hop| path::is_root(self.graph, hop.node))
        {
            return None;
        }
        let holder_at = hops.iter().position(|hop| !self.piles_up(hop.node)).unwrap_or(hops.len());
        let class =
            if candidates[shown].class == "Object" { self.shape(shown) } else { candidates[shown].class.clone() };
        let finding = causes::find(&Scene {
            class: &class,
            root: &top.class,
            hops: &hops,
            holder: holder_at,
            swells: top.swells,
        });
        let closures = self.closures(root, &below, instance, &hops[..holder_at]);
        let location = self.location(finding.cause, instance, &hops, &closures);
        if is_ours(&hops, location.as_ref()) {
            return None;
        }
        let path: Vec<_> = hops.iter().map(|hop| hop.step(self.graph)).collect();
        let grows_with = self.companions(shown, root, &below);
        let is_function = |&&c: &&usize| role::is_function_class(&candidates[c].class);
        let closure_count = [root]
            .iter()
            .chain(&below)
            .filter(is_function)
            .map(|&c| candidates[c].counts.last().copied().unwrap_or(0))
            .sum();
        let named = &candidates[shown];
        let retained = if top.grown_bytes() > 2 * named.grown_bytes() { &top.retained } else { &named.retained };
        let intervals = named.counts.len().saturating_sub(1).max(1) as i64;
        let evidence = self.evidence(named, top, retained, &grows_with);
        let Finding { cause, holder, hypothesis, would_refute } = finding;
        Some(Charged {
            growth: top.growth,
            grown_bytes: top.grown_bytes().max(named.grown_bytes()),
            closures,
            closure_count,
            suspect: Suspect {
                rank: 0,
                fingerprint: fingerprint(cause, &class, &holder, &hops[..holder_at]),
                class,
                cause,
                counts: named.counts.clone(),
                retained_bytes: retained.clone(),
                growth_per_snapshot: named.grown() as i64 / intervals,
                holder,
                path,
                location,
                hypothesis,
                evidence,
                would_refute,
                grows_with,
            },
        })
    }

    /// Closures, timers and the like only carry what people know: of what grows inside of them, the largest with a name of its own.
    fn whom_to_name(&self, root: usize, below: &[usize]) -> usize {
        let candidates = self.candidates;
        if !role::is_carrier(&candidates[root].class) {
            return root;
        }
        let enough = candidates[root].grown() / 2;
        let known = below.iter().copied().filter(|&c| {
            let class = &*candidates[c].class;
            !role::is_carrier(class) && !role::is_value_class(class) && candidates[c].grown() >= enough
        });
        known.max_by_key(|&c| (!role::is_builtin(&candidates[c].class), candidates[c].grown_bytes())).unwrap_or(root)
    }

    fn piles_up(&self, node: NodeIdx) -> bool {
        self.placed.site_of(node).is_some_and(|site| self.piling.contains(&site))
    }

    fn is_code_being_loaded(&self, candidate: usize) -> bool {
        let instances = self.ownership.instances(candidate);
        if role::is_function_class(&self.candidates[candidate].class) {
            return loading::are_of_many_sources(self.graph, instances);
        }
        loading::are_of_many_modules(self.graph, &self.tree.dominators, instances)
    }

    fn is_pending(&self, candidate: usize) -> bool {
        let count = self.candidates[candidate].counts.last().copied().unwrap_or(0);
        cleanup::is_pending(self.graph, self.retainers, self.ownership.instances(candidate), count)
    }

    /// An instance that stands for the others, with its path. The newest are tried first: the first few of a class often have
    /// ways of their own, from when the program started.
    fn example(&self, candidate: usize) -> Option<(NodeIdx, Vec<Hop>)> {
        let instances = self.ownership.instances(candidate);
        let step = (instances.len() / TRIED).max(1);
        let tried = instances.iter().rev().step_by(step).take(TRIED);
        let paths = tried.map(|&node| (node, path::hops(self.graph, self.retainers, node)));
        paths
            .filter(|(_, hops)| hops.last().is_some_and(|root| !root.class.contains("Stack roots")))
            .min_by_key(|(_, hops)| hops.len())
    }

    /// `Object {method, url, at}`: a plain object is known by what it has, if most of them have it.
    fn shape(&self, candidate: usize) -> String {
        let instances = self.ownership.instances(candidate);
        let sample: Vec<Vec<&str>> = instances
            .iter()
            .rev()
            .step_by((instances.len() / TRIED).max(1))
            .take(TRIED)
            .map(|&node| path::property_names(self.graph, node).collect())
            .collect();
        let Some(newest) = sample.first() else { return "Object".to_string() };
        let common = |name: &str| 2 * sample.iter().filter(|names| names.contains(&name)).count() > sample.len();
        let names: Vec<&str> = newest.iter().copied().filter(|name| common(name)).collect();
        match names.len() {
            0 => "Object".to_string(),
            n if n > SHAPE => format!("Object {{{}, …}}", names[..SHAPE].join(", ")),
            _ => format!("Object {{{}}}", names.join(", ")),
        }
    }

    /// Functions that pile up: the ones on the way to the example first.
    fn closures(&self, root: usize, below: &[usize], instance: NodeIdx, piling: &[Hop]) -> Vec<NodeIdx> {
        let is_closure = |&node: &NodeIdx| self.graph.node_type(node) == NodeType::Closure;
        let on_the_way = [instance].into_iter().chain(piling.iter().map(|hop| hop.node)).filter(is_closure);
        let others = [root].into_iter().chain(below.iter().copied());
        on_the_way
            .chain(others.filter_map(|c| self.ownership.instances(c).last().copied()).filter(is_closure))
            .collect()
    }

    fn location(&self, cause: Cause, instance: NodeIdx, hops: &[Hop], closures: &[NodeIdx]) -> Option<Location> {
        let function = || place::nearest(self.graph, closures.iter().copied());
        match cause {
            Cause::Listener | Cause::Timer | Cause::Closure => {
                function().or_else(|| place::of_thing(self.graph, self.retainers, instance, hops))
            }
            _ => place::of_thing(self.graph, self.retainers, instance, hops).or_else(function),
        }
    }

    fn companions(&self, shown: usize, root: usize, below: &[usize]) -> Vec<Companion> {
        let mut found: Vec<(Companion, u64)> = Vec::new();
        for &c in [root].iter().chain(below).filter(|&&c| c != shown) {
            let Candidate { class, counts, .. } = &self.candidates[c];
            if class == role::CONTEXT || class.starts_with("system / ") {
                continue;
            }
            match found.iter_mut().find(|(companion, _)| companion.class == *class) {
                Some((companion, bytes)) => {
                    companion.counts.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
                    *bytes += self.candidates[c].grown_bytes();
                }
                None => found.push((
                    Companion { class: class.clone(), counts: counts.clone() },
                    self.candidates[c].grown_bytes(),
                )),
            }
        }
        // Text and numbers grow with everything, and so do plain objects: what has a name of its own comes first.
        let plain = |class: &str| role::is_value_class(class) as u8 * 2 + matches!(class, "Object" | "Array") as u8;
        found.sort_by_key(|(companion, bytes)| (plain(&companion.class), std::cmp::Reverse(*bytes)));
        found.into_iter().take(COMPANIONS).map(|(companion, _)| companion).collect()
    }

    fn evidence(&self, named: &Candidate, top: &Candidate, retained: &[u64], with: &[Companion]) -> Vec<String> {
        let intervals = named.counts.len().saturating_sub(1);
        let mut facts = Vec::new();
        if named.swells {
            facts.push(format!("its size grew {}: {}", in_intervals(intervals), series(&named.shallow, bytes)));
        } else {
            facts.push(format!("the number grew {}: {}", in_intervals(intervals), series(&named.counts, count)));
        }
        let grown = retained.last().unwrap_or(&0).saturating_sub(*retained.first().unwrap_or(&0));
        let each = grown
            .checked_div(named.grown())
            .map(|each| format!(", {} for each new one", bytes(each)))
            .unwrap_or_default();
        facts.push(format!("they retain {}{each}", series(retained, bytes)));
        if self.heap_growth > 0 && grown > 0 {
            let share = (grown as f64 / self.heap_growth as f64 * 100.0).min(100.0);
            facts.push(format!("that is {share:.0}% of the {} by which the heap grew", bytes(self.heap_growth)));
        }
        let together: Vec<String> =
            with.iter().take(3).map(|c| format!("{} {}", c.class, series(&c.counts, count))).collect();
        if !together.is_empty() {
            facts.push(format!("with it grow {}", together.join("; ")));
        }
        if top.growth == Growth::Slows {
            facts.push(
                "growth slows down: a cache that fills would look the same, and one more snapshot would tell"
                    .to_string(),
            );
        }
        if intervals == 1 {
            facts.push("two snapshots show one interval: something loaded once would look the same, and a third snapshot would tell".to_string());
        }
        facts
    }
}

/// Keys of a map beside its values, promises beside the reactions to them: what hangs on the same holder and grows by about the
/// same number is a by-product of the larger one before it, and is told with it.
pub fn merge_by_products(charged: Vec<Charged>) -> Vec<Charged> {
    let mut kept: Vec<Charged> = Vec::new();
    for charge in charged {
        let s = &charge.suspect;
        let alike = |other: &Suspect| {
            let (a, b) = (other.growth_per_snapshot, s.growth_per_snapshot);
            b > 0 && (a - b).abs() * 10 <= a
        };
        let whole = kept.iter_mut().map(|k| &mut k.suspect);
        let whole = whole.filter(|k| k.holder == s.holder && role::is_builtin(&s.class)).find(|k| alike(k));
        match whole {
            Some(whole) if whole.grows_with.iter().any(|c| c.class == s.class) => {}
            Some(whole) => whole.grows_with.push(Companion { class: s.class.clone(), counts: s.counts.clone() }),
            None => kept.push(charge),
        }
    }
    kept
}

fn in_intervals(intervals: usize) -> String {
    if intervals == 1 { "in the one interval".to_string() } else { format!("in each of {intervals} intervals") }
}

/// leakhunt's own records of what it saw are bounded, and no news.
fn is_ours(hops: &[Hop], location: Option<&Location>) -> bool {
    let ours = |script: &str| script.contains("/leakhunt/js/");
    location.is_some_and(|l| ours(&l.script)) || hops.first().is_some_and(|hop| hop.class == "LeakHunt")
}
