//! The case against one candidate: from a number that grows to a suspect with a name, a holder, a path and a line of code.

use super::candidates::Candidate;
use super::captures::captured;
use super::causes::{self, Finding, Scene};
use super::cleanup;
use super::descent::Tree;
use super::fingerprint::fingerprint;
use super::growth::Growth;
use super::loading;
use super::ownership::Ownership;
use super::path::{self, Hop};
use super::place;
use super::pool;
use super::profile::Placed;
use super::role;
use super::site::SiteId;
use super::verdict::{Cause, Location, Suspect, UnnamedFunction};
use crate::heap::{Graph, NodeIdx, Retainers};
use rustc_hash::FxHashSet;

/// Instances of which the one with the shortest path stands for all.
pub(super) const TRIED: usize = 8;

pub struct Court<'a> {
    pub graph: &'a Graph,
    pub tree: &'a Tree,
    pub retainers: &'a Retainers,
    pub placed: &'a Placed,
    pub candidates: &'a [Candidate],
    pub ownership: &'a Ownership,
    /// The sites of all candidates whose things become more.
    pub piling: FxHashSet<SiteId>,
    /// Where leakhunt's own scripts are, if they are in the program.
    pub our_folder: Option<&'a str>,
    /// Growth of the whole heap from the first snapshot to the last, in bytes.
    pub heap_growth: u64,
}

/// A suspect, with what the ranking needs.
pub struct Charged {
    pub suspect: Suspect,
    pub growth: Growth,
    pub grown_bytes: u64,
    pub functions: Vec<Piling>,
}

impl AsRef<Suspect> for Charged {
    fn as_ref(&self) -> &Suspect {
        &self.suspect
    }
}

impl From<Charged> for Suspect {
    fn from(charged: Charged) -> Self {
        charged.suspect
    }
}

/// A function of the program's that piles up with a suspect.
pub struct Piling {
    pub told: UnnamedFunction,
    pub unnamed: bool,
    pub count: u64,
}

impl Court<'_> {
    /// `None` where there is nobody to accuse: only the stack or V8's own machinery keeps the things.
    pub fn charge(&self, root: usize) -> Option<Charged> {
        let candidates = self.candidates;
        let below = self.ownership.below(root);
        let shown = self.whom_to_name(root, &below);
        let shown = self.connection_around(shown, &below).unwrap_or(shown);
        let is_free = |candidate| pool::is_free(self.graph, self.retainers, self.ownership.instances(candidate));
        if self.is_code_being_loaded(shown) || self.is_pending(shown) || is_free(root) {
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
        let closures = self.closures(root, &below, instance, &hops[..holder_at]);
        let function = place::nearest_of(self.graph, &closures);
        let captured = function
            .map(|function| captured(self.graph, &self.tree.dominators, function, |scope| self.piles_up(scope)));
        let captured = captured.unwrap_or_default();
        let mut finding = causes::find(&Scene {
            graph: self.graph,
            retainers: self.retainers,
            instance,
            class: &class,
            root: &top.class,
            hops: &hops,
            holder: holder_at,
            swells: top.swells,
            piles: &|node| self.piles_up(node),
            captured: &captured,
        });
        let by_function = matches!(finding.cause, Cause::Listener | Cause::Timer | Cause::Closure);
        let location = self.location(by_function || finding.kind == "async-function", instance, &hops, &closures);
        let location = match location {
            // A program that awaits a snapshot is itself held by leakhunt's promise of it.
            Some(ours) if self.is_our_script(&ours.script) => {
                let is_programs = |l: &Location| place::is_own(&l.script) && !self.is_our_script(&l.script);
                place::on_the_way(self.graph, self.retainers, &hops, is_programs).or(Some(ours))
            }
            Some(nodes) if finding.cause == Cause::Connection && place::is_nodes(&nodes.script) => {
                self.connections_maker(&below).or(Some(nodes))
            }
            other => other,
        };
        finding.details.function = function.and_then(|function| place::of_function(self.graph, function));
        finding.details.captured = captured;
        let is_loaders = |l: &Location| role::is_value_class(&class) && place::is_loaders(&l.script);
        if self.is_ours(&hops, location.as_ref()) || location.as_ref().is_some_and(is_loaders) {
            return None;
        }
        let path: Vec<_> = hops.iter().map(|hop| hop.step(self.graph)).collect();
        let grows_with = self.companions(shown, root, &below);
        let functions = self.functions(root, &below);
        let named = &candidates[shown];
        let retained = if top.grown_bytes() > 2 * named.grown_bytes() { &top.retained } else { &named.retained };
        let intervals = named.counts.len().saturating_sub(1).max(1) as i64;
        let confidence = self.confidence(named, top, retained);
        let evidence = self.evidence(named, top, retained, &grows_with);
        let Finding { cause, kind, holder, hypothesis, would_refute, details } = finding;
        Some(Charged {
            growth: top.growth,
            grown_bytes: top.grown_bytes().max(named.grown_bytes()),
            functions,
            suspect: Suspect {
                rank: 0,
                confidence,
                fingerprint: fingerprint(cause, &class, &holder, &hops[..holder_at]),
                class,
                cause,
                kind: kind.to_string(),
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
                details,
                censuses: None,
            },
        })
    }

    pub(super) fn piles_up(&self, node: NodeIdx) -> bool {
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
    pub(super) fn example(&self, candidate: usize) -> Option<(NodeIdx, Vec<Hop>)> {
        let instances = self.ownership.instances(candidate);
        let step = (instances.len() / TRIED).max(1);
        let tried = instances.iter().rev().step_by(step).take(TRIED);
        let paths = tried.map(|&node| (node, path::hops(self.graph, self.retainers, node)));
        paths
            .filter(|(_, hops)| hops.last().is_some_and(|root| !root.class.contains("Stack roots")))
            .min_by_key(|(_, hops)| hops.len())
    }

    /// leakhunt's own records of what it saw are bounded, and no news.
    fn is_ours(&self, hops: &[Hop], location: Option<&Location>) -> bool {
        location.is_some_and(|l| self.is_our_script(&l.script))
            || hops.first().is_some_and(|hop| hop.class == "LeakHunt")
    }

    pub(super) fn is_our_script(&self, script: &str) -> bool {
        // The demo's server is a program as any other.
        let ours = self.our_folder.and_then(|folder| script.strip_prefix(folder));
        ours.is_some_and(|file| !file.starts_with("demo/"))
    }
}
