//! What is odd in a heap, whether or not it grows: one rule in each file, all of them asked.
//!
//! A rule looks at a whole snapshot and sums up what it finds; that is done for every snapshot of a hunt, so that the answer can say
//! whether it grows. Only what [matters](Look::matters) in the last one is told, with a few examples and who holds them.
//! An observation accuses nobody: the verdict is the same with and without it.

mod detached_context;
mod document;
mod duplicate_strings;
mod huge_string;
mod look;
mod similar_closures;
mod sliced_parent;
mod small_view;

pub use document::{Example, Observation, Trend};
pub use look::{Findings, Look};

use super::causes::name_of;
use super::growth::{BYTES, Growth, OBJECTS, judge};
use super::path;
use super::role;
use super::verdict::Holder;
use crate::heap::{Graph, NodeIdx, NodeType, Retainers};
use std::cell::OnceCell;

/// Examples of each sort.
const EXAMPLES: usize = 5;

/// What a rule found in one snapshot.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub count: u64,
    /// Where equal things are counted together: how many different ones.
    pub sorts: u64,
    pub bytes: u64,
    pub wasted: u64,
    /// The weightiest first; the first [`EXAMPLES`] of them are of use.
    pub things: Vec<Thing>,
}

/// One example.
#[derive(Debug, PartialEq, Eq)]
pub struct Thing {
    pub node: NodeIdx,
    pub count: u64,
    pub bytes: u64,
    pub wasted: u64,
    pub text: Option<String>,
}

struct Rule {
    kind: &'static str,
    look: fn(&Look<'_>) -> Seen,
    /// Whether so much is worth a person's time, in a heap like this.
    matters: fn(&Seen, &Look<'_>) -> bool,
    summary: fn(&Seen) -> String,
    advice: &'static str,
}

const RULES: &[Rule] = &[
    sliced_parent::RULE,
    small_view::RULE,
    detached_context::RULE,
    duplicate_strings::RULE,
    similar_closures::RULE,
    huge_string::RULE,
];

/// What every rule sees in one snapshot, in the order of the rules, and whether it matters.
pub struct Sight(Vec<(Seen, bool)>);

pub fn look(look: &Look<'_>) -> Sight {
    let see = |rule: &Rule| {
        let seen = (rule.look)(look);
        let matters = (rule.matters)(&seen, look);
        (seen, matters)
    };
    Sight(RULES.iter().map(see).collect())
}

impl Sight {
    /// All but the figures, which stay when a graph is let go.
    pub fn without_examples(mut self) -> Sight {
        self.0.iter_mut().for_each(|(seen, _)| seen.things = Vec::new());
        self
    }
}

/// What is worth telling of the last snapshot; `earlier` are the ones before it. `is_over` is asked before each search for a path.
pub fn tell(
    earlier: &[Sight],
    last: Sight,
    graph: &Graph,
    retainers: &OnceCell<Retainers>,
    is_over: &dyn Fn() -> bool,
) -> Vec<Observation> {
    let mut found = Vec::new();
    for (index, (rule, (seen, matters))) in RULES.iter().zip(last.0).enumerate() {
        if !matters {
            continue;
        }
        let retainers = retainers.get_or_init(|| Retainers::compute(graph));
        let things = seen.things.iter().take(EXAMPLES).take_while(|_| !is_over());
        let examples = things.map(|thing| example(graph, retainers, thing)).collect();
        found.push(Observation {
            kind: rule.kind.to_string(),
            summary: (rule.summary)(&seen),
            advice: rule.advice.to_string(),
            count: seen.count,
            bytes: seen.bytes,
            wasted_bytes: seen.wasted,
            examples,
            growth: trend(earlier.iter().map(|sight| &sight.0[index].0).chain([&seen])),
        });
    }
    found
}

fn trend<'a>(seen: impl Iterator<Item = &'a Seen>) -> Option<Trend> {
    let (counts, bytes): (Vec<u64>, Vec<u64>) = seen.map(|seen| (seen.count, seen.bytes)).unzip();
    let grows = judge(&counts, OBJECTS) == Growth::Grows || judge(&bytes, BYTES) == Growth::Grows;
    (counts.len() > 1).then_some(Trend { counts, bytes, grows })
}

fn example(graph: &Graph, retainers: &Retainers, thing: &Thing) -> Example {
    let hops = path::hops(graph, retainers, thing.node);
    let holder = match hops.first() {
        Some(scope) if scope.class.starts_with(role::CONTEXT) => {
            Holder { class: scope.class.clone(), name: scope.name().map(str::to_string) }
        }
        Some(first) => Holder { class: first.class.clone(), name: name_of(&hops) },
        None => Holder { class: "(GC roots)".to_string(), name: None },
    };
    Example {
        class: class_of(graph, thing.node),
        id: graph.id(thing.node),
        count: thing.count,
        bytes: thing.bytes,
        wasted_bytes: thing.wasted,
        text: thing.text.clone(),
        holder,
        path: hops.iter().map(|hop| hop.step(graph)).collect(),
        location: super::place::of_function(graph, thing.node),
    }
}

/// A class, or V8's own name for what is none of a program's.
fn class_of(graph: &Graph, node: NodeIdx) -> String {
    match graph.node_type(node) {
        NodeType::Hidden => graph.name(node).to_string(),
        _ => role::class(graph, node).into_owned(),
    }
}

#[cfg(test)]
mod observations_tests;
