//! What a suspect is called, and which functions and lines belong to it.

use super::carrier;
use super::case::{Court, Piling, TRIED};
use super::causes;
use super::path::{self, Hop};
use super::place;
use super::role;
use super::verdict::{Location, UnnamedFunction};
use crate::heap::{EdgeType, NodeIdx};

/// Property names in the class of a plain object.
const SHAPE: usize = 5;

impl Court<'_> {
    /// Closures, timers and the like only carry what people know: of what grows inside of them, the largest with a name of its own.
    pub(super) fn whom_to_name(&self, root: usize, below: &[usize]) -> usize {
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
    pub(super) fn connection_around(&self, shown: usize, below: &[usize]) -> Option<usize> {
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

    /// `Object {method, url, at}`: a plain object is known by what it has, if most of them have it.
    pub(super) fn shape(&self, candidate: usize) -> String {
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
    pub(super) fn closures(&self, root: usize, below: &[usize], instance: NodeIdx, piling: &[Hop]) -> Vec<NodeIdx> {
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
    pub(super) fn functions(&self, root: usize, below: &[usize]) -> Vec<Piling> {
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
    pub(super) fn location(
        &self,
        by_function: bool,
        instance: NodeIdx,
        hops: &[Hop],
        closures: &[NodeIdx],
    ) -> Option<Location> {
        let function = || place::nearest(self.graph, closures.iter().copied());
        let thing = || place::of_thing(self.graph, self.retainers, instance, hops);
        if by_function { function().or_else(thing) } else { thing().or_else(function) }
    }

    /// A connection is several things of Node's own, and not every one of them leads to the program's function that has made it.
    pub(super) fn connections_maker(&self, below: &[usize]) -> Option<Location> {
        let parts = below.iter().filter(|&&c| causes::is_connection(&self.candidates[c].class)).take(TRIED);
        let made = parts.filter_map(|&c| {
            let (instance, hops) = self.example(c)?;
            place::of_thing(self.graph, self.retainers, instance, &hops)
        });
        made.into_iter().find(|place| !place::is_nodes(&place.script))
    }
}
