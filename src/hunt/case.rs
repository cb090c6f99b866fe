//! The case against one candidate: from a number that grows to a suspect with a name, a holder, a path and a line of code.

use super::candidates::Candidate;
use super::captures::captured;
use super::carrier;
use super::causes::{self, Finding, Scene};
use super::cleanup;
use super::confidence::{Grounds, confidence};
use super::descent::Tree;
use super::figures::{bytes, count, series};
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
use super::verdict::{Cause, Companion, Location, Suspect, UnnamedFunction};
use crate::heap::{EdgeType, Graph, NodeIdx, Retainers};
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

    /// Node's own plain objects that grow with connections: the connection is what people know.
    fn connection_around(&self, shown: usize, below: &[usize]) -> Option<usize> {
        if !matches!(&*self.candidates[shown].class, "Object" | "Array") {
            return None;
        }
        let enough = self.candidates[shown].grown() / 2;
        let is_connection = |&c: &usize| causes::is_connection(&self.candidates[c].class);
        let within = below.iter().copied().filter(is_connection).filter(|&c| self.candidates[c].grown() >= enough);
        let connection = within.max_by_key(|&c| self.candidates[c].grown_bytes())?;
        let (instance, hops) = self.example(shown)?;
        let maker = place::of_thing(self.graph, self.retainers, instance, &hops);
        maker.is_none_or(|maker| place::is_nodes(&maker.script)).then_some(connection)
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

    /// Functions that pile up, or that what piles up carries: the ones on the way to the example first.
    fn closures(&self, root: usize, below: &[usize], instance: NodeIdx, piling: &[Hop]) -> Vec<NodeIdx> {
        let on_the_way = [instance].into_iter().chain(piling.iter().map(|hop| hop.node));
        let others = [root].into_iter().chain(below.iter().copied());
        let others = others.filter_map(|c| self.ownership.instances(c).last().copied());
        let mut found: Vec<NodeIdx> = Vec::new();
        for function in on_the_way.chain(others).filter_map(|node| carrier::function_of(self.graph, node)) {
            if !found.contains(&function) {
                found.push(function);
            }
        }
        found
    }

    /// The functions that pile up, with what they are held by. Node's own are no business of the program's.
    fn functions(&self, root: usize, below: &[usize]) -> Vec<Piling> {
        let mut found: Vec<(NodeIdx, Piling)> = Vec::new();
        for c in [root].into_iter().chain(below.iter().copied()) {
            if !role::is_function_class(&self.candidates[c].class) {
                continue;
            }
            let Some(&closure) = self.ownership.instances(c).last() else { continue };
            let function = carrier::function_of(self.graph, closure).unwrap_or(closure);
            let Some(location) = place::of_function(self.graph, function) else { continue };
            if place::is_nodes(&location.script) || self.is_our_script(&location.script) {
                continue;
            }
            let count = self.candidates[c].counts.last().copied().unwrap_or(0);
            let source = self.graph.target(function, EdgeType::Internal, "shared").unwrap_or(function);
            // A function and the wrapper around it are one.
            if let Some((_, known)) = found.iter_mut().find(|(known, _)| *known == source) {
                known.count = known.count.max(count);
                known.told.count = known.count;
                continue;
            }
            let held = path::holders(self.graph, self.retainers, function);
            let told = UnnamedFunction {
                name: carrier::title(self.graph, function).trim_matches(['(', ')']).to_string(),
                count,
                held_as: held.iter().find_map(|hop| hop.name()).map(str::to_string),
                location,
            };
            let unnamed = self.graph.name(function).is_empty();
            found.push((source, Piling { told, unnamed, count }));
        }
        found.into_iter().map(|(_, piling)| piling).collect()
    }

    /// The function that piles up is the place to look at, or else whoever makes and keeps the things.
    fn location(&self, by_function: bool, instance: NodeIdx, hops: &[Hop], closures: &[NodeIdx]) -> Option<Location> {
        let function = || place::nearest(self.graph, closures.iter().copied());
        let thing = || place::of_thing(self.graph, self.retainers, instance, hops);
        if by_function { function().or_else(thing) } else { thing().or_else(function) }
    }

    /// A connection is several things of Node's own, and not every one of them leads to the program's function that has made it.
    fn connections_maker(&self, below: &[usize]) -> Option<Location> {
        let parts = below.iter().filter(|&&c| causes::is_connection(&self.candidates[c].class)).take(TRIED);
        let made = parts.filter_map(|&c| {
            let (instance, hops) = self.example(c)?;
            place::of_thing(self.graph, self.retainers, instance, &hops)
        });
        made.into_iter().find(|place| !place::is_nodes(&place.script))
    }

    /// leakhunt's own records of what it saw are bounded, and no news.
    fn is_ours(&self, hops: &[Hop], location: Option<&Location>) -> bool {
        location.is_some_and(|l| self.is_our_script(&l.script))
            || hops.first().is_some_and(|hop| hop.class == "LeakHunt")
    }

    fn is_our_script(&self, script: &str) -> bool {
        self.our_folder.is_some_and(|folder| script.starts_with(folder))
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

    fn confidence(&self, named: &Candidate, top: &Candidate, retained: &[u64]) -> f64 {
        let grown = retained.last().unwrap_or(&0).saturating_sub(*retained.first().unwrap_or(&0));
        confidence(&Grounds {
            values: if named.grown() == 0 { retained } else { &named.counts },
            // A heap that has not grown as a whole has lost elsewhere what this has gained.
            share: if self.heap_growth == 0 { 1.0 } else { grown as f64 / self.heap_growth as f64 },
            is_builtin: role::is_builtin(&named.class),
            slows: top.growth == Growth::Slows,
        })
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

fn in_intervals(intervals: usize) -> String {
    if intervals == 1 { "in the one interval".to_string() } else { format!("in each of {intervals} intervals") }
}
