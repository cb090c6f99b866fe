//! Who holds a node: the edges turned round.

use std::sync::Arc;

use super::graph::Graph;
use super::units::{EdgeIdx, NodeIdx};
use super::ways::Searches;

/// For every node, the edges that point at it, weak ones included.
#[derive(Debug)]
pub struct Retainers {
    /// `first[n]..first[n + 1]` are the rows of `n`'s retainers.
    first: Vec<u32>,
    edges: Vec<u32>,
    sources: Sources,
    pub(super) searches: Searches,
}

impl Retainers {
    /// Each thread reads all edges, which lie in a row, and writes those of its own part of the nodes, which do not.
    pub fn compute(graph: &Graph) -> Retainers {
        let nodes = graph.node_count();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let part = nodes.div_ceil(threads).max(1);
        let parts = || (0..nodes).step_by(part).map(|start| start..nodes.min(start + part));
        let mut first = vec![0u32; nodes + 1];
        std::thread::scope(|scope| {
            for (range, first) in parts().zip(first[..nodes].chunks_mut(part)) {
                scope.spawn(move || {
                    for to in (0..graph.edge_count()).map(|row| graph.edges.to(row) as usize) {
                        if range.contains(&to) {
                            first[to - range.start] += 1;
                        }
                    }
                });
            }
        });
        // Sum up, so that each entry is the end of its node's rows; filling from behind then turns it into the start.
        let mut sum = 0;
        for entry in &mut first {
            sum += *entry;
            *entry = sum;
        }
        let mut edges = vec![0u32; graph.edge_count()];
        std::thread::scope(|scope| {
            let (mut rest, mut taken) = (&mut edges[..], 0);
            for (range, first) in parts().zip(first[..nodes].chunks_mut(part)) {
                let (start, end) = (taken, first.last().map_or(taken, |&end| end as usize));
                let (own, others) = rest.split_at_mut(end - start);
                (rest, taken) = (others, end);
                scope.spawn(move || {
                    for row in (0..graph.edge_count()).rev() {
                        let to = graph.edges.to(row) as usize;
                        if range.contains(&to) {
                            let slot = &mut first[to - range.start];
                            *slot -= 1;
                            own[*slot as usize - start] = row as u32;
                        }
                    }
                });
            }
        });
        Retainers { first, edges, sources: Sources::of(graph), searches: Searches::default() }
    }

    /// The nodes that point at `node` and by which edge, in the file's order.
    pub fn of(&self, node: NodeIdx) -> impl DoubleEndedIterator<Item = (NodeIdx, EdgeIdx)> + ExactSizeIterator {
        let rows = self.first[node.row()] as usize..self.first[node.row() + 1] as usize;
        self.edges[rows].iter().map(|&edge| (self.source(EdgeIdx(edge)), EdgeIdx(edge)))
    }

    /// The node that an edge starts from.
    pub fn source(&self, edge: EdgeIdx) -> NodeIdx {
        self.sources.of_edge(edge)
    }
}

/// From an edge to the node that it starts from: a search in the graph's own column instead of one more with a row for each edge.
#[derive(Debug)]
struct Sources {
    first_edge: Arc<Vec<u32>>,
    /// For each [`STRIDE`] edges the node that the first of them starts from. A search between two of these stays within a few lines of the cache.
    marks: Vec<u32>,
}

const STRIDE: usize = 256;
/// More would wait for memory.
const MOST_THREADS: usize = 4;

impl Sources {
    fn of(graph: &Graph) -> Sources {
        let mut marks = Vec::with_capacity(graph.edge_count() / STRIDE + 2);
        for node in graph.nodes() {
            while marks.len() * STRIDE < graph.first_edge[node.row() + 1] as usize {
                marks.push(node.0);
            }
        }
        marks.push(graph.node_count() as u32);
        Sources { first_edge: Arc::clone(&graph.first_edge), marks }
    }

    #[inline]
    fn of_edge(&self, edge: EdgeIdx) -> NodeIdx {
        let mark = edge.row() / STRIDE;
        let from = self.marks[mark] as usize;
        let to = (self.marks[mark + 1] as usize + 1).min(self.first_edge.len());
        NodeIdx((from + self.first_edge[from..to].partition_point(|&first| first <= edge.0)) as u32 - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EdgeType, GraphBuilder, NodeType};
    use super::*;

    #[test]
    fn every_edge_is_found_from_its_other_end() {
        let mut heap = GraphBuilder::new();
        let a = heap.node(NodeType::Object, "A", 1);
        let lonely = heap.node(NodeType::Object, "Lonely", 1);
        let b = heap.node(NodeType::Object, "B", 1);
        heap.edge(b, EdgeType::Property, "self", b);
        heap.edge(heap.root(), EdgeType::Element, 0, b);
        heap.edge(a, EdgeType::Property, "x", b);
        heap.edge(a, EdgeType::Weak, "y", b);
        let graph = heap.build();
        let retainers = Retainers::compute(&graph);
        let holders: Vec<_> = retainers.of(b).map(|(from, edge)| (from, graph.edge(edge).kind)).collect();
        assert_eq!(
            holders,
            [(graph.root(), EdgeType::Element), (a, EdgeType::Property), (a, EdgeType::Weak), (b, EdgeType::Property)]
        );
        assert_eq!(retainers.of(lonely).count(), 0);
    }
}
