//! The cheapest ways of all nodes at once, for a heap in which one search after the other would take too long.
//!
//! A search for one node looks at what is near it, which is little in most heaps. But a file may be made so that each search goes through all of
//! it, and a hunt asks for hundreds. So what the searches looked at is counted, and from some point on a single walk answers for
//! every node that is still asked for.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::graph::Graph;
use super::paths::Step;
use super::prices::Prices;
use super::retainers::Retainers;
use super::units::{EdgeIdx, NodeIdx};

/// Searches may look at one edge in so many in all. A search pays a hundred times as much for an edge as the walk does: it looks up who holds it, and
/// what it has seen is in a table.
const PATIENCE: u64 = 256;
/// No heap is too small for some searches.
const FREE: u64 = 1 << 16;

/// What searches have cost so far, and what answers once that is too much.
#[derive(Debug, Default)]
pub(super) struct Searches {
    looked_at: AtomicU64,
    prices: OnceLock<Prices>,
    ways: OnceLock<Ways>,
}

impl Searches {
    // Relaxed: a count that nothing else hangs on.
    pub fn count(&self, edges: u64) {
        self.looked_at.fetch_add(edges, Ordering::Relaxed);
    }

    /// Whether the walk would have been the better way by now.
    pub fn are_dear(&self, graph: &Graph) -> bool {
        self.looked_at.load(Ordering::Relaxed) > graph.edge_count() as u64 / PATIENCE + FREE
    }

    pub fn prices(&self, graph: &Graph) -> &Prices {
        self.prices.get_or_init(|| Prices::of(graph))
    }

    /// All ways, from one walk.
    pub fn ways(&self, graph: &Graph) -> &Ways {
        self.ways.get_or_init(|| Ways::compute(graph, self.prices(graph)))
    }
}

/// By node, the edge by which its cheapest way comes down to it.
#[derive(Debug)]
pub(super) struct Ways(Vec<u32>);

const NONE: u32 = u32::MAX;

impl Ways {
    pub fn compute(graph: &Graph, prices: &Prices) -> Ways {
        let mut cheapest = vec![u32::MAX; graph.node_count()];
        let mut edges = vec![NONE; graph.node_count()];
        // By price. Every step costs something and hardly any costs much, so few prices are open at a time, and none gets more nodes once its turn has come.
        let mut open: BTreeMap<u32, Vec<NodeIdx>> = BTreeMap::new();
        cheapest[graph.root().row()] = 0;
        open.insert(0, vec![graph.root()]);
        while let Some((price, nodes)) = open.pop_first() {
            for at in nodes {
                if cheapest[at.row()] < price {
                    continue;
                }
                let holder = prices.holder(graph, at);
                for link in graph.links(at) {
                    let Some(step) = holder.price(&link) else { continue };
                    let (price, edge) = (price.saturating_add(step), link.index.0);
                    let known = &mut cheapest[link.to.row()];
                    if price < *known {
                        *known = price;
                        edges[link.to.row()] = edge;
                        open.entry(price).or_default().push(link.to);
                    } else if price == *known {
                        // Of ways that cost the same the one by the first edge in the file is told.
                        let first = &mut edges[link.to.row()];
                        *first = edge.min(*first);
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
