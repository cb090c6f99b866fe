//! Opinions about a heap: what only grows, who keeps it, why, and where in the code. Facts come from [`heap`](crate::heap); nothing is parsed here.
//!
//! One hunt: each snapshot becomes a [`profile`] of its [`site`]s; sites that grow by the rule of [`growth`] are
//! [`candidates`]; [`ownership`] charges what belongs to a growing thing to that thing; what is left becomes a suspect in
//! [`case`], with a cause from [`causes`], a path, a line of code and a fingerprint. The answer is a [`verdict`]; beside it
//! stand [`observations`] of what is odd without growing, and what grows [`elsewhere`] than in the heap.

mod answer;
mod by_products;
mod candidates;
mod captures;
mod carrier;
mod case;
mod causes;
mod cleanup;
mod confidence;
mod counted;
pub(crate) mod descent;
pub mod diff;
mod elsewhere;
mod evidence;
mod feedback;
pub mod figures;
pub(crate) mod files;
mod fingerprint;
mod gather;
pub mod growth;
mod holds;
mod known;
mod loading;
mod moment;
mod naming;
mod observations;
mod origins;
mod ownership;
pub(crate) mod path;
mod place;
mod pool;
mod profile;
pub mod retainers;
mod role;
mod site;
pub mod verdict;

pub use counted::Counted;
pub use files::{Aborted, FileProgress, Files, HuntError};
pub use known::Accepted;
pub use moment::Moment;
pub use origins::{Origins, replace};
pub use verdict::Verdict;

#[cfg(test)]
mod heaps;
#[cfg(test)]
mod leaks_tests;
#[cfg(test)]
mod lookalikes_tests;

use crate::heap::{Graph, Retainers};
use descent::Tree;
use elsewhere::InHeap;
use observations::{Findings, Look, Sight};
use profile::Placed;
use std::cell::OnceCell;

/// Where the graphs of a hunt come from, oldest first.
pub trait Source {
    type Error;
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The name under which the verdict lists a snapshot.
    fn name(&self, index: usize) -> String;
    /// Called once for each, in order.
    fn open(&mut self, index: usize) -> Result<Graph, Self::Error>;
    /// The process when a snapshot was taken, where that is known; or why what should tell is of no use.
    fn moment(&self, _index: usize) -> Result<Option<Moment>, String> {
        Ok(None)
    }
    /// Asked between the steps of a hunt, each of which may take seconds. An error ends it.
    fn go_on(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Judges one or more snapshots of one program; leaks that are in `accepted` do not count. Only one graph is in memory at a time.
pub fn hunt<S: Source>(source: &mut S, accepted: &[Accepted]) -> Result<Verdict, S::Error> {
    let (mut earlier, mut sights, mut in_heap) = (Vec::new(), Vec::new(), Vec::new());
    let last = source.len().saturating_sub(1);
    for index in 0..last {
        let graph = source.open(index)?;
        let (tree, findings) = beside(|| Tree::of(&graph), || Findings::of(&graph));
        source.go_on()?;
        let (placed, sight) = see(&source.name(index), &graph, &tree, findings);
        earlier.push(placed.profile);
        sights.push(sight.without_examples());
        in_heap.push(InHeap::of(&graph));
    }
    let graph = source.open(last)?;
    // Who holds what is worked out at most once. Where there is something to compare it is wanted in any case, else only where somebody asks.
    let (tree, (findings, holders)) =
        beside(|| Tree::of(&graph), || (Findings::of(&graph), (last > 0).then(|| Retainers::compute(&graph))));
    let retainers = holders.map_or_else(OnceCell::new, OnceCell::from);
    source.go_on()?;
    let (placed, sight) = see(&source.name(last), &graph, &tree, findings);
    in_heap.push(InHeap::of(&graph));
    source.go_on()?;
    let is_over = || source.go_on().is_err();
    let mut verdict = match last {
        0 => {
            // It makes room for who holds what.
            drop(tree);
            answer::of_one(placed.profile)
        }
        _ => answer::answer(&earlier, &placed, &graph, &tree, &retainers, accepted, &is_over),
    };
    source.go_on()?;
    verdict.observations = observations::tell(&sights, sight, &graph, &retainers, &is_over);
    elsewhere::add(&mut verdict, &in_heap, (0..source.len()).map(|index| source.moment(index)));
    source.go_on().map(|()| verdict)
}

/// All that is compared of one snapshot. What is odd in it is looked for while its sites are walked.
fn see(name: &str, graph: &Graph, tree: &Tree, findings: Findings) -> (Placed, Sight) {
    beside(|| profile::place(name, graph, tree), || observations::look(&Look::at(graph, tree, findings)))
}

/// Does both at once, the second on a thread of its own.
fn beside<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        (here, there.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Graphs that are in memory already, with their names.
pub struct Graphs(Vec<(String, Option<Graph>)>);

impl Graphs {
    pub fn new(graphs: impl IntoIterator<Item = (String, Graph)>) -> Self {
        Graphs(graphs.into_iter().map(|(name, graph)| (name, Some(graph))).collect())
    }
}

impl Source for Graphs {
    type Error = std::convert::Infallible;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn name(&self, index: usize) -> String {
        self.0[index].0.clone()
    }

    fn open(&mut self, index: usize) -> Result<Graph, Self::Error> {
        Ok(self.0[index].1.take().expect("each graph is opened once"))
    }
}
