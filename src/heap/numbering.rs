//! The depth-first walk over essential edges that gives the nodes their numbers, for the dominators.

use super::essential::{BitSet, EssentialEdges, Target};
use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::semi_nca::OtherEdges;
use super::units::NodeIdx;

/// Numbers in preorder, and the edges by number as [`semi_nca`](super::semi_nca) wants them.
pub(super) struct Numbering {
    /// Node of a number.
    pub vertex: Vec<u32>,
    /// By number, numbers: the walk's tree. Only nodes that were walked to.
    pub parent: Vec<u32>,
    /// The essential edges that are not part of that tree.
    pub others: OtherEdges,
    /// What was walked to from the root.
    pub reachable: BitSet,
}

struct Walk<'g> {
    graph: &'g Graph,
    essential: EssentialEdges<'g>,
    number: Vec<u32>,
    vertex: Vec<u32>,
    parent: Vec<u32>,
    others: OtherEdges,
    /// Nodes to be walked to, each with the number of the one that holds it.
    open: Vec<(u32, u32)>,
    /// Nodes up to this number are reached from a global object.
    globals_end: u32,
    /// Seen from a global object by an edge that is not essential.
    passed: Vec<u32>,
    /// Reached from a global object, but not by essential edges alone.
    apart: BitSet,
}

const NONE: u32 = u32::MAX;

impl Numbering {
    pub fn of(graph: &Graph) -> Numbering {
        let nodes = graph.node_count();
        let mut walk = Walk {
            graph,
            essential: EssentialEdges::new(graph),
            number: vec![NONE; nodes],
            vertex: Vec::with_capacity(nodes),
            parent: Vec::with_capacity(nodes),
            others: OtherEdges::new(nodes),
            open: Vec::new(),
            globals_end: 0,
            passed: Vec::new(),
            apart: BitSet::new(nodes),
        };
        walk.walk_from_root();
        let mut reachable = BitSet::new(nodes);
        walk.vertex.iter().for_each(|&node| _ = reachable.add(node as usize));
        if walk.vertex.len() < nodes {
            walk.walk_from_orphans();
            // Rings that nothing reaches: each node for itself, and their edges hold nothing.
            let left = (0..nodes as u32).filter(|&node| walk.number[node as usize] == NONE);
            walk.vertex.extend(left);
        }
        let Walk { vertex, parent, others, .. } = walk;
        Numbering { vertex, parent, others, reachable }
    }
}

impl Walk<'_> {
    /// First what the globals reach: only then is it known which edges of the rest are essential.
    fn walk_from_root(&mut self) {
        let root = self.graph.root();
        self.give_number(root.0, 0);
        self.open_from_root(is_global);
        let is_its_own_global =
            self.graph.links(root).any(|link| link.to == root && is_global(self.graph, link.kind, root));
        self.explore::<true>();
        self.globals_end = self.vertex.len() as u32;
        let is_reached = self.set_apart() || self.others.has_target(root.0) || is_its_own_global;
        self.open_from_root(|graph, kind, to| !is_global(graph, kind, to));
        if is_reached {
            // No V8 writes such a thing: a global that leads back to the root, and so to everything.
            self.explore::<true>();
            self.globals_end = self.vertex.len() as u32;
            self.set_apart();
        } else {
            self.explore::<false>();
        }
    }

    fn open_from_root(&mut self, chosen: impl Fn(&Graph, EdgeType, NodeIdx) -> bool) {
        let root = self.graph.root();
        let holder = self.essential.holder(root);
        for row in self.graph.edge_rows(root).rev() {
            if let Target::Held(to) = holder.target(row)
                && chosen(self.graph, self.graph.edges.kind(row as usize), to)
            {
                self.open.push((to.0, 0));
            }
        }
    }

    /// Numbers whatever can be reached from the open nodes and has no number yet.
    ///
    /// All targets of a node are opened at once, so some have got their number by the time that their turn comes: from below the
    /// same holder, which makes it an ancestor. A target that has its number already when it is looked at is no descendant.
    fn explore<const FROM_GLOBALS: bool>(&mut self) {
        while let Some((node, from)) = self.open.pop() {
            let known = self.number[node as usize];
            if known != NONE {
                self.others.push(from, known);
                continue;
            }
            let v = self.give_number(node, from);
            let holder = self.essential.holder(NodeIdx(node));
            let holds_anything = FROM_GLOBALS || self.apart.has(node as usize);
            for row in self.graph.edge_rows(NodeIdx(node)).rev() {
                let to = match holder.target(row) {
                    Target::Held(to) => to,
                    Target::Passed(to) => {
                        if FROM_GLOBALS {
                            self.passed.push(to.0);
                        }
                        continue;
                    }
                    Target::Nothing => continue,
                };
                let w = self.number[to.row()];
                if !holds_anything && (w < self.globals_end || self.apart.has(to.row())) {
                    continue;
                }
                if w == NONE {
                    self.open.push((to.0, v));
                } else {
                    self.others.push(v, w);
                }
            }
        }
    }

    fn give_number(&mut self, node: u32, parent: u32) -> u32 {
        let number = self.vertex.len() as u32;
        self.number[node as usize] = number;
        self.vertex.push(node);
        self.parent.push(parent);
        number
    }

    /// All that the globals reach by edges that are not weak, and has no number. True if the root was among what they reach.
    fn set_apart(&mut self) -> bool {
        let mut open = std::mem::take(&mut self.passed);
        let mut has_root = false;
        while let Some(node) = open.pop() {
            has_root |= node == self.graph.root().0;
            if self.number[node as usize] != NONE || !self.apart.add(node as usize) {
                continue;
            }
            for row in self.graph.edge_rows(NodeIdx(node)) {
                if self.graph.edges.kind(row as usize) != EdgeType::Weak {
                    open.push(self.graph.edges.to(row as usize));
                }
            }
        }
        has_root
    }

    /// Nodes that no essential edge leads to hang from the root, with what they hold.
    fn walk_from_orphans(&mut self) {
        let mut retained = BitSet::new(self.graph.node_count());
        // Only a node without a number can hold one without.
        for node in self.graph.nodes().filter(|node| self.number[node.row()] == NONE) {
            let holder = self.essential.holder(node);
            let holds_anything = self.apart.has(node.row());
            for row in self.graph.edge_rows(node) {
                if let Target::Held(to) = holder.target(row)
                    && (holds_anything || !self.apart.has(to.row()))
                {
                    retained.add(to.row());
                }
            }
        }
        for node in self.graph.nodes() {
            if self.number[node.row()] == NONE && !retained.has(node.row()) {
                self.open.push((node.0, 0));
                self.explore::<false>();
            }
        }
    }
}

/// Whether an edge of the root's leads to a global object.
fn is_global(graph: &Graph, kind: EdgeType, to: NodeIdx) -> bool {
    match kind {
        EdgeType::Shortcut => true,
        // Browsers only.
        EdgeType::Element => graph.node_type(to) == NodeType::Synthetic && graph.name(to) == "(Document DOM trees)",
        _ => false,
    }
}
