//! The cheapest ways of all nodes at once, for a heap in which one search after the other would take too long.
//!
//! A search for one node looks at what is near it, which is little in most heaps. But a file may be made so that each search goes through all of
//! it, and a hunt asks for hundreds. So what the searches looked at is counted, and from some point on a single walk answers for
//! every node that is still asked for.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::graph::Graph;
use super::paths::{Step, price_of};
use super::retainers::Retainers;
use super::units::{EdgeIdx, NodeIdx};

/// Searches may look at one edge in so many in all. A search pays much more for an edge than the walk does: it looks up who holds it, and what it has
/// seen is in a table.
const PATIENCE: u64 = 64;
/// No heap is too small for some searches.
const FREE: u64 = 1 << 16;

/// What searches have cost so far, and what answers once that is too much.
#[derive(Debug, Default)]
pub(super) struct Searches {
    looked_at: AtomicU64,
    ways: OnceLock<Ways>,
}

impl Searches {
    // Relaxed: a count that nothing else hangs on.
    pub fn count(&self, edges: u64) {
        self.looked_at.fetch_add(edges, Ordering::Relaxed);
    }

    /// All ways, if searching has become too dear.
    pub fn ways(&self, graph: &Graph) -> Option<&Ways> {
        let enough = graph.edge_count() as u64 / PATIENCE + FREE;
        (self.looked_at.load(Ordering::Relaxed) > enough).then(|| self.ways.get_or_init(|| Ways::compute(graph)))
    }
}

/// By node, the edge by which its cheapest way comes down to it.
#[derive(Debug)]
pub(super) struct Ways(Vec<u32>);

const NONE: u32 = u32::MAX;

impl Ways {
    pub fn compute(graph: &Graph) -> Ways {
        let mut prices = vec![u32::MAX; graph.node_count()];
        let mut edges = vec![NONE; graph.node_count()];
        // By price. Every step costs something and hardly any costs much, so few prices are open at a time, and none gets more nodes once its turn has come.
        let mut open: BTreeMap<u32, Vec<NodeIdx>> = BTreeMap::new();
        prices[graph.root().row()] = 0;
        open.insert(0, vec![graph.root()]);
        while let Some((price, mut nodes)) = open.pop_first() {
            // Of two ways that cost the same the one by the earlier node is told; and edges are read in the order in which they lie.
            nodes.sort_unstable();
            for at in nodes {
                if prices[at.row()] < price {
                    continue;
                }
                for edge in graph.edges(at) {
                    let Some(extra) = price_of(graph, at, edge) else { continue };
                    let price = price.saturating_add(extra);
                    if price < prices[edge.to.row()] {
                        prices[edge.to.row()] = price;
                        edges[edge.to.row()] = edge.index.0;
                        open.entry(price).or_default().push(edge.to);
                    }
                }
            }
        }
        Ways(edges)
    }

    /// As [`path_to_root`](super::path_to_root) answers.
    pub fn path(&self, graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        let mut at = node;
        while at != graph.root() {
            let edge = EdgeIdx(self.0[at.row()]);
            if edge.0 == NONE {
                return None;
            }
            at = retainers.source(edge);
            steps.push(Step { node: at, edge });
        }
        steps.pop();
        Some(steps)
    }
}
