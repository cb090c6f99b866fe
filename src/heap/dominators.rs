//! Dominator tree and retained sizes.
//!
//! A node's dominator is the nearest node that every way from the root to it passes: without the dominator it would be
//! garbage. What a node dominates is what it retains. Computed by the semi-NCA algorithm (Georgiadis 2005, after Lengauer
//! and Tarjan 1979; names follow the papers): near-linear in practice, no buckets, and everything in flat columns.
//!
//! Edges count as [`EssentialEdges`] says. As in DevTools, a node without any essential retainer ("orphan": held by weak
//! edges only) hangs from the root, and so does, each for itself, every node of an unreachable ring.

use super::essential::{BitSet, EssentialEdges};
use super::graph::Graph;
use super::units::{Bytes, NodeIdx};

/// Who dominates whom. Columns are ordered by preorder number, so a dominator always stands before what it dominates.
#[derive(Clone, Debug)]
pub struct Dominators {
    /// Node of a preorder number.
    vertex: Vec<u32>,
    /// Preorder number of a node.
    number: Vec<u32>,
    /// By number, numbers; the root is its own.
    idom: Vec<u32>,
    /// By number.
    retained: Vec<u64>,
    /// Numbers below this one are reached from the root; the rest hangs from it for want of a better place.
    reachable: u32,
}

const NONE: u32 = u32::MAX;

impl Dominators {
    pub fn compute(graph: &Graph) -> Dominators {
        let essential = EssentialEdges::new(graph);
        let Walk { vertex, number, parent, mut pred_ends, reachable } = Walk::from_root(graph, &essential);
        let preds = predecessors(graph, &essential, &vertex[..parent.len()], &number, &mut pred_ends);
        drop(essential);
        let idom = semi_nca(parent, preds, pred_ends, vertex.len());
        let mut retained: Vec<u64> = vertex.iter().map(|&node| graph.self_size(NodeIdx(node)).0).collect();
        for w in (1..retained.len()).rev() {
            let dominator = idom[w] as usize;
            retained[dominator] = retained[dominator].saturating_add(retained[w]);
        }
        Dominators { vertex, number, idom, retained, reachable }
    }

    /// The immediate dominator; none for the root.
    pub fn idom(&self, node: NodeIdx) -> Option<NodeIdx> {
        let number = self.number[node.row()];
        (number != 0).then(|| NodeIdx(self.vertex[self.idom[number as usize] as usize]))
    }

    /// Whether essential edges lead from the root to `node`.
    pub fn is_reachable(&self, node: NodeIdx) -> bool {
        self.number[node.row()] < self.reachable
    }

    /// What would be freed if `node` were: its own size and that of all it dominates.
    pub fn retained(&self, node: NodeIdx) -> Bytes {
        Bytes(self.retained[self.number[node.row()] as usize])
    }

    /// All nodes, every dominator before what it dominates, the root first.
    pub fn preorder(&self) -> impl DoubleEndedIterator<Item = NodeIdx> + ExactSizeIterator {
        self.vertex.iter().map(|&node| NodeIdx(node))
    }

    /// The tree downwards, which costs two more columns.
    pub fn children(&self) -> DominatorChildren {
        let nodes = self.vertex.len();
        let dominator = |node: u32| self.idom(NodeIdx(node)).map(NodeIdx::row);
        let mut first = vec![0u32; nodes + 1];
        for dominator in (0..nodes as u32).filter_map(dominator) {
            first[dominator] += 1;
        }
        let mut sum = 0;
        for entry in &mut first {
            sum += *entry;
            *entry = sum;
        }
        // From behind, so that children stand in the file's order and entries end up as starts.
        let mut children = vec![0u32; nodes - 1];
        for node in (0..nodes as u32).rev() {
            let Some(dominator) = dominator(node) else { continue };
            first[dominator] -= 1;
            children[first[dominator] as usize] = node;
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

/// The depth-first walk that numbers the nodes.
struct Walk {
    vertex: Vec<u32>,
    number: Vec<u32>,
    /// By number, numbers: the walk's tree. Only nodes that were walked to.
    parent: Vec<u32>,
    /// By number: how many essential edges come from walked nodes, summed up to and including this one.
    pred_ends: Vec<u32>,
    reachable: u32,
}

impl Walk {
    fn from_root(graph: &Graph, essential: &EssentialEdges<'_>) -> Walk {
        let nodes = graph.node_count();
        let mut walk = Walk {
            vertex: Vec::with_capacity(nodes),
            number: vec![NONE; nodes],
            parent: Vec::with_capacity(nodes),
            pred_ends: Vec::new(),
            reachable: 0,
        };
        // By node, as long as numbers are being given out.
        let mut pred_counts = vec![0u32; nodes];
        walk.descend(graph, essential, graph.root(), &mut pred_counts);
        walk.reachable = walk.vertex.len() as u32;
        if walk.vertex.len() < nodes {
            let retained = retained_by_the_unreached(graph, essential, &walk.number);
            for node in graph.nodes() {
                if walk.number[node.row()] == NONE && !retained.has(node.row()) {
                    walk.descend(graph, essential, node, &mut pred_counts);
                }
            }
        }
        // Rings that nothing reaches: each node for itself, and their edges hold nothing.
        for node in graph.nodes() {
            if walk.number[node.row()] == NONE {
                walk.number[node.row()] = walk.vertex.len() as u32;
                walk.vertex.push(node.0);
            }
        }
        walk.pred_ends = Vec::with_capacity(walk.parent.len());
        let mut sum = 0;
        for &node in &walk.vertex[..walk.parent.len()] {
            sum += pred_counts[node as usize];
            walk.pred_ends.push(sum);
        }
        walk
    }

    /// Numbers everything that can be reached from `start` and has no number yet. A start hangs from the root.
    fn descend(&mut self, graph: &Graph, essential: &EssentialEdges<'_>, start: NodeIdx, pred_counts: &mut [u32]) {
        self.give_number(start, 0);
        let mut open = vec![(start, graph.edge_rows(start))];
        'next: while let Some((node, rows)) = open.last_mut() {
            let holder = essential.holder(*node);
            for row in rows {
                let Some(to) = holder.target(row) else { continue };
                pred_counts[to.row()] += 1;
                if self.number[to.row()] == NONE {
                    let parent = self.number[node.row()];
                    self.give_number(to, parent);
                    open.push((to, graph.edge_rows(to)));
                    continue 'next;
                }
            }
            open.pop();
        }
    }

    fn give_number(&mut self, node: NodeIdx, parent: u32) {
        self.number[node.row()] = self.vertex.len() as u32;
        self.vertex.push(node.0);
        self.parent.push(parent);
    }
}

/// Which nodes without a number have an essential retainer. Only nodes without a number can be such a retainer.
fn retained_by_the_unreached(graph: &Graph, essential: &EssentialEdges<'_>, number: &[u32]) -> BitSet {
    let mut retained = BitSet::new(graph.node_count());
    for node in graph.nodes().filter(|node| number[node.row()] == NONE) {
        let holder = essential.holder(node);
        for to in graph.edge_rows(node).filter_map(|row| holder.target(row)) {
            retained.add(to.row());
        }
    }
    retained
}

/// Predecessors by number. Filling from behind turns `ends` into where each node's predecessors start.
fn predecessors(
    graph: &Graph,
    essential: &EssentialEdges<'_>,
    vertex: &[u32],
    number: &[u32],
    ends: &mut [u32],
) -> Vec<u32> {
    let mut preds = vec![0u32; ends.last().map_or(0, |&end| end as usize)];
    for (v, &node) in vertex.iter().enumerate() {
        let node = NodeIdx(node);
        let holder = essential.holder(node);
        for to in graph.edge_rows(node).filter_map(|row| holder.target(row)) {
            let end = &mut ends[number[to.row()] as usize];
            *end -= 1;
            preds[*end as usize] = v as u32;
        }
    }
    preds
}

/// Immediate dominators by number. `starts[w]` is where `w`'s predecessors start in `preds`; nodes from
/// `parent.len()` on hang from the root.
fn semi_nca(mut parent: Vec<u32>, preds: Vec<u32>, starts: Vec<u32>, nodes: usize) -> Vec<u32> {
    let walked = parent.len();
    let mut ancestor = parent.clone();
    // The smallest semidominator on the compressed way up. The papers keep the node that has it; its value is all that
    // is ever asked for.
    let mut label: Vec<u32> = (0..walked as u32).collect();
    // Once the predecessors of `w` have been used, their start is not needed again, and the slot takes `semi[w]`.
    let mut semi = starts;
    let mut end = preds.len();
    let mut path = Vec::new();
    for w in (1..walked).rev() {
        let start = semi[w] as usize;
        let mut least = parent[w];
        for &v in &preds[start..end] {
            let candidate = if v as usize <= w {
                v
            } else {
                compress(v, w as u32, &mut ancestor, &mut label, &mut path);
                label[v as usize]
            };
            least = least.min(candidate);
        }
        semi[w] = least;
        label[w] = least;
        end = start;
    }
    drop((preds, ancestor, label));
    nearest_common_ancestors(&mut parent, &semi);
    parent.resize(nodes, 0);
    parent
}

/// The dominator is the nearest common ancestor of parent and semidominator in the dominator tree: the first node on the way up that is not numbered after the
/// semidominator. `parent` becomes the answer in place, since everything above `w` is already done.
///
/// Going up step by step, as the paper does, takes quadratic time where many nodes hang from the end of a long list and are also held from
/// its start: a list with an index, which real heaps have. So each node also keeps a jump to an ancestor farther up, as in Myers' skew-binary lists
/// (Information Processing Letters, 1983): at most logarithmically many steps for each node.
fn nearest_common_ancestors(parent: &mut [u32], semi: &[u32]) {
    let mut depth = vec![0u32; parent.len()];
    let mut jump = vec![0u32; parent.len()];
    for w in 1..parent.len() {
        let mut dominator = parent[w] as usize;
        while dominator as u32 > semi[w] {
            let far = jump[dominator];
            dominator = if far > semi[w] { far } else { parent[dominator] } as usize;
        }
        parent[w] = dominator as u32;
        depth[w] = depth[dominator] + 1;
        let (near, far) = (jump[dominator] as usize, jump[jump[dominator] as usize] as usize);
        let alike = depth[dominator] - depth[near] == depth[near] - depth[far];
        jump[w] = if alike { far } else { dominator } as u32;
    }
}

/// Links `v` straight to the topmost node above it that is numbered after `w`, collecting the least label on the way.
fn compress(v: u32, w: u32, ancestor: &mut [u32], label: &mut [u32], path: &mut Vec<u32>) {
    let mut node = v;
    while ancestor[node as usize] > w {
        path.push(node);
        node = ancestor[node as usize];
    }
    // `node` is the topmost: its own label and ancestor stand.
    while let Some(below) = path.pop() {
        let above = ancestor[below as usize] as usize;
        label[below as usize] = label[below as usize].min(label[above]);
        ancestor[below as usize] = ancestor[above];
    }
}
