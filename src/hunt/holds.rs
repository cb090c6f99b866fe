//! By which edge its dominator holds a node: of several edges between the two the one that says most.

use super::role;
use crate::heap::{Dominators, EdgeIdx, EdgeType, Graph, NodeIdx};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Holds(Vec<AtomicU32>);

const NONE: u32 = u32::MAX;
/// More threads than this would wait for memory.
const MOST_THREADS: usize = 4;

impl Holds {
    /// Every edge is looked at, which is shared among threads by the node that it starts from. A node's entry is written only by the
    /// thread that has its dominator, so the atomics order nothing.
    pub fn find(graph: &Graph, dominators: &Dominators) -> Holds {
        let holds = Holds((0..graph.node_count()).map(|_| AtomicU32::new(NONE)).collect());
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let part = graph.node_count().div_ceil(threads);
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let holds = &holds;
                scope.spawn(move || {
                    for from in graph.nodes().skip(thread * part).take(part) {
                        holds.add(graph, dominators, from);
                    }
                });
            }
        });
        holds
    }

    fn add(&self, graph: &Graph, dominators: &Dominators, from: NodeIdx) {
        for link in graph.links(from).filter(|link| link.kind != EdgeType::Weak) {
            if dominators.idom(link.to) != Some(from) {
                continue;
            }
            let entry = &self.0[link.to.row()];
            let known = entry.load(Ordering::Relaxed);
            if known == NONE || rank(link.kind) > rank(graph.edge_kind(EdgeIdx(known))) {
                entry.store(link.index.0, Ordering::Relaxed);
            }
        }
    }

    /// Nothing, where the dominator holds the node by detours only.
    pub fn of(&self, node: NodeIdx) -> Option<EdgeIdx> {
        Some(self.0[node.row()].load(Ordering::Relaxed)).filter(|&edge| edge != NONE).map(EdgeIdx)
    }
}

fn rank(kind: EdgeType) -> u8 {
    match kind {
        kind if role::names(kind) => 3,
        EdgeType::Element => 2,
        _ => 1,
    }
}
