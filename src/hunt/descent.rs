//! The dominator tree from its root down, each node entered before and left after everything that it dominates.

use crate::heap::{DominatorChildren, Dominators, Graph, NodeIdx};

pub struct Tree {
    pub dominators: Dominators,
    children: DominatorChildren,
    root: NodeIdx,
}

pub enum Visit {
    Enter(NodeIdx),
    Leave(NodeIdx),
}

impl Tree {
    pub fn of(graph: &Graph) -> Self {
        let dominators = Dominators::compute(graph);
        Tree { children: dominators.children(), dominators, root: graph.root() }
    }

    /// Without recursion: a linked list is a tree as deep as it is long. What only weak edges lead to is left out.
    pub fn descend(&self, mut visit: impl FnMut(Visit)) {
        let mut open = vec![Visit::Enter(self.root)];
        while let Some(next) = open.pop() {
            if let Visit::Enter(node) = next {
                open.push(Visit::Leave(node));
                open.extend(
                    self.children.of(node).rev().filter(|&child| self.dominators.is_reachable(child)).map(Visit::Enter),
                );
            }
            visit(next);
        }
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
