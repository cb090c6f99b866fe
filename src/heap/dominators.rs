//! Dominator tree and retained sizes.
//!
//! A node's dominator is the nearest node that every way from the root to it passes: without the dominator it would be
//! garbage. What a node dominates is what it retains. Computed by the [semi-NCA algorithm](super::semi_nca) on the numbers
//! of a [depth-first walk](super::numbering), in near-linear time and flat columns.
//!
//! Edges count as [`EssentialEdges`](super::essential::EssentialEdges) says. As in DevTools, a node without any essential
//! retainer ("orphan": held by weak edges only) hangs from the root, and so does, each for itself, every node of an
//! unreachable ring.

use super::essential::BitSet;
use super::graph::Graph;
use super::numbering::Numbering;
use super::semi_nca::semi_nca;
use super::units::{Bytes, NodeIdx};
use super::wide::WideColumn;

/// Who dominates whom. Columns by node, since that is what everybody asks by.
#[derive(Clone, Debug)]
pub struct Dominators {
    /// The root is its own.
    idom: Vec<u32>,
    retained: WideColumn,
    /// The nodes, each dominator before what it dominates.
    order: Vec<u32>,
    /// What essential edges lead to from the root; the rest hangs from it for want of a better place.
    reachable: BitSet,
}

impl Dominators {
    pub fn compute(graph: &Graph) -> Dominators {
        let Numbering { vertex: order, parent, others, reachable } = Numbering::of(graph);
        let by_number = semi_nca(parent, others, order.len());
        let mut idom = vec![0u32; order.len()];
        let mut retained: Vec<u64> = graph.nodes().map(|node| graph.self_size(node).0).collect();
        for (w, &node) in order.iter().enumerate().skip(1).rev() {
            let dominator = order[by_number[w] as usize];
            idom[node as usize] = dominator;
            let size = retained[node as usize];
            let sum = &mut retained[dominator as usize];
            *sum = sum.saturating_add(size);
        }
        drop(by_number);
        Dominators { idom, retained: retained.into_iter().collect(), order, reachable }
    }

    /// The immediate dominator; none for the root.
    #[inline]
    pub fn idom(&self, node: NodeIdx) -> Option<NodeIdx> {
        (node.0 != 0).then(|| NodeIdx(self.idom[node.row()]))
    }

    /// Whether essential edges lead from the root to `node`.
    #[inline]
    pub fn is_reachable(&self, node: NodeIdx) -> bool {
        self.reachable.has(node.row())
    }

    /// What would be freed if `node` were: its own size and that of all it dominates.
    #[inline]
    pub fn retained(&self, node: NodeIdx) -> Bytes {
        Bytes(self.retained.get(node.row()))
    }

    /// All nodes, every dominator before what it dominates, the root first.
    pub fn preorder(&self) -> impl DoubleEndedIterator<Item = NodeIdx> + ExactSizeIterator {
        self.order.iter().map(|&node| NodeIdx(node))
    }

    /// The tree downwards, which costs two more columns.
    pub fn children(&self) -> DominatorChildren {
        let mut first = vec![0u32; self.idom.len() + 1];
        for &dominator in &self.idom[1..] {
            first[dominator as usize] += 1;
        }
        let mut sum = 0;
        for entry in &mut first {
            sum += *entry;
            *entry = sum;
        }
        // From behind, so that children stand in the file's order and entries end up as starts.
        let mut children = vec![0u32; self.idom.len() - 1];
        for (node, &dominator) in self.idom.iter().enumerate().skip(1).rev() {
            let end = &mut first[dominator as usize];
            *end -= 1;
            children[*end as usize] = node as u32;
        }
        DominatorChildren { first, children }
    }
}

/// For every node, the nodes that it immediately dominates, in the file's order.
#[derive(Clone, Debug)]
pub struct DominatorChildren {
    first: Vec<u32>,
    children: Vec<u32>,
}

impl DominatorChildren {
    pub fn of(&self, node: NodeIdx) -> impl DoubleEndedIterator<Item = NodeIdx> + ExactSizeIterator {
        let rows = self.first[node.row()] as usize..self.first[node.row() + 1] as usize;
        self.children[rows].iter().map(|&child| NodeIdx(child))
    }
}
