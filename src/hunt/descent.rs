//! Dominators and their tree, computed once for all who ask.

use crate::heap::{DominatorChildren, Dominators, Graph, NodeIdx, descend};

pub use crate::heap::Visit;

pub struct Tree {
    pub dominators: Dominators,
    pub children: DominatorChildren,
    root: NodeIdx,
}

impl Tree {
    pub fn of(graph: &Graph) -> Self {
        let dominators = Dominators::compute(graph);
        Tree { children: dominators.children(), dominators, root: graph.root() }
    }

    /// From the root down. What only weak edges lead to is left out.
    pub fn descend(&self, visit: impl FnMut(Visit)) {
        descend(&self.children, self.root, |child| self.dominators.is_reachable(child), visit);
    }

    /// The same nodes in the same order, for whoever can tell by a node's depth what has been left.
    pub fn preorder(&self) -> impl Iterator<Item = (NodeIdx, usize)> {
        Preorder { tree: self, open: vec![(self.root, 0)] }
    }
}

/// Nodes that are still to come, each with the number of nodes above it.
struct Preorder<'t> {
    tree: &'t Tree,
    open: Vec<(NodeIdx, usize)>,
}

impl Iterator for Preorder<'_> {
    type Item = (NodeIdx, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (node, depth) = self.open.pop()?;
        let below = self.tree.children.of(node).rev().filter(|&child| self.tree.dominators.is_reachable(child));
        self.open.extend(below.map(|child| (child, depth + 1)));
        Some((node, depth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{EdgeType, GraphBuilder, NodeType};

    #[test]
    fn all_that_a_node_dominates_lies_between_its_two_visits() {
        // root > a > b, root > c; and c is reached through a as well, so that a walk over the graph would meet it inside of a
        let mut heap = GraphBuilder::new();
        let [a, b, c] = ["A", "B", "C"].map(|name| heap.node(NodeType::Object, name, 8));
        for (from, to) in [(heap.root(), a), (a, c), (a, b), (heap.root(), c)] {
            heap.edge(from, EdgeType::Property, "x", to);
        }
        let mut seen = String::new();
        let graph = heap.build();
        Tree::of(&graph).descend(|visit| match visit {
            Visit::Enter(node) => seen += &format!("<{}", graph.name(node)),
            Visit::Leave(_) => seen.push('>'),
        });
        assert!(seen == "<<A<B>><C>>" || seen == "<<C><A<B>>>", "{seen}");
    }
}
