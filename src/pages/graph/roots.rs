//! What holds objects from outside of the heap: global handles, as far as their list was found; V8's own tables and the stack, where nothing else has what they point to. Three roots are known by what
//! they hold: read-only memory, and the tables of strings, which V8's snapshots take for holders although they are weak. Other handles are not read: whatever is left over is
//! said to be held from native code, which has kept it through the collection.

use super::nodes::Tabled;
use super::teller::Teller;
use crate::heap::{EdgeType, GroupedBuilder, NodeIdx, NodeType};

/// What the root holds by a shortcut, and what by `(GC roots)`.
#[derive(Debug, Default)]
pub struct Roots {
    /// Global objects, or their native contexts, by which readers know what is the program's.
    pub program: Vec<NodeIdx>,
    /// What global handles hold, beside whatever else does.
    pub handles: Vec<NodeIdx>,
    /// What the isolate points to, in order. Some of its lists are weak, so that it only says whose those are that nobody else has.
    pub isolate: Vec<NodeIdx>,
    /// What the stack points to, in order; whether that is still in use there is not known.
    pub stack: Vec<NodeIdx>,
    pub read_only: Vec<NodeIdx>,
    pub tabled: Tabled,
}

impl Roots {
    /// The root's own edges, which come before all others. `gc_roots` is the node that [`Roots::tell_rest`] will add.
    pub fn tell_first(&self, teller: &mut Teller, gc_roots: NodeIdx) {
        teller.begin(NodeIdx(0));
        teller.edge(EdgeType::Element, 1, gc_roots);
        for (at, node) in self.program.iter().enumerate() {
            let name = teller.element_name(at + 2);
            teller.edge(EdgeType::Shortcut, name, *node);
        }
        teller.end();
    }

    /// Edges of `(GC roots)` and its parts, after all nodes up to `objects` had their turn, and nodes for the parts.
    pub fn tell_rest(&self, teller: &mut Teller, gc_roots: NodeIdx, objects: u32) {
        let known = [
            ("(Global handles)", &self.handles),
            ("(Read-only roots)", &self.read_only),
            ("(Internalized strings)", &self.tabled.internalized),
            ("(External strings)", &self.tabled.external),
        ];
        let held = unheld(teller, &known.map(|(_, held)| held.as_slice()), objects);
        let (strong, held): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|node| self.isolate.binary_search(node).is_ok());
        let (stack, native): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|node| self.stack.binary_search(node).is_ok());
        let unheld = [("(Strong roots)", &strong), ("(Stack roots)", &stack), ("(held from native code)", &native)];
        let parts = known.into_iter().chain(unheld);
        // Behind the ids of the root and of `(GC roots)`: V8 gives the next ones to their parts, too.
        let parts: Vec<_> =
            parts.zip(0..).map(|((name, held), at)| (teller.builder.text(name), 5 + 2 * at, held)).collect();
        let first = NodeIdx(teller.builder.node_count() as u32);
        for (name, id, _) in &parts {
            teller.builder.node(NodeType::Synthetic, *name, *id, 0);
        }
        // Nodes between the objects and these have no edges.
        while teller.builder.told() < gc_roots.row() {
            teller.end();
        }
        teller.begin(gc_roots);
        for at in 0..parts.len() as u32 {
            teller.edge(EdgeType::Element, at + 1, NodeIdx(first.0 + at));
        }
        teller.end();
        while teller.builder.told() < first.row() {
            teller.end();
        }
        for (_, _, held) in parts {
            for (at, node) in held.iter().enumerate() {
                let name = teller.element_name(at + 1);
                teller.edge(EdgeType::Internal, name, *node);
            }
            teller.end();
        }
    }
}

/// Objects that have to be held from outside so that all are: those that nothing holds, and of rings that nothing else reaches one each, from where most of it is reached.
fn unheld(teller: &mut Teller, known: &[&[NodeIdx]], objects: u32) -> Vec<NodeIdx> {
    let known = || known.iter().copied().flatten();
    known().for_each(|node| teller.hold(*node));
    let mut walk = Walk { reached: vec![0; objects as usize / 64 + 1], open: Vec::new(), finished: Vec::new() };
    let nodes = || (1..=objects).map(NodeIdx);
    let mut held: Vec<NodeIdx> = nodes().filter(|node| !teller.is_held(*node)).collect();
    for node in known().chain(&held) {
        walk.from(&teller.builder, *node, false);
    }
    // What is left are rings and what hangs on them. Last finished of a walk is what reaches all the rest of its own (Kosaraju's first half).
    let left: Vec<NodeIdx> = nodes().filter(|node| !walk.has(*node)).collect();
    if left.is_empty() {
        return held;
    }
    for node in &left {
        walk.from(&teller.builder, *node, true);
    }
    let finished = std::mem::take(&mut walk.finished);
    for node in &finished {
        walk.forget(*node);
    }
    for node in finished.iter().rev() {
        if walk.from(&teller.builder, *node, false) {
            held.push(*node);
        }
    }
    held
}

/// A walk over edges that hold, in depth, with a stack of its own.
struct Walk {
    reached: Vec<u64>,
    /// A node and the first of its edges that was not gone along.
    open: Vec<(NodeIdx, u32)>,
    /// In the order in which all that they reach had been seen.
    finished: Vec<NodeIdx>,
}

impl Walk {
    fn has(&self, node: NodeIdx) -> bool {
        // What is no object is nothing that a walk goes to.
        self.reached.get(node.row() / 64).is_none_or(|bits| bits >> (node.row() % 64) & 1 != 0)
    }

    fn forget(&mut self, node: NodeIdx) {
        self.reached[node.row() / 64] &= !(1 << (node.row() % 64));
    }

    fn reach(&mut self, node: NodeIdx) -> bool {
        if self.has(node) {
            return false;
        }
        self.reached[node.row() / 64] |= 1 << (node.row() % 64);
        true
    }

    /// False if it had been reached before.
    fn from(&mut self, builder: &GroupedBuilder, node: NodeIdx, note: bool) -> bool {
        if !self.reach(node) {
            return false;
        }
        self.open.push((node, builder.edge_rows(node).start));
        while let Some((node, row)) = self.open.last_mut() {
            if *row == builder.edge_rows(*node).end {
                if note {
                    self.finished.push(*node);
                }
                self.open.pop();
                continue;
            }
            let (kind, to) = builder.edge_at(*row);
            *row += 1;
            if kind != EdgeType::Weak && kind != EdgeType::Shortcut && self.reach(to) {
                self.open.push((to, builder.edge_rows(to).start));
            }
        }
        true
    }
}
