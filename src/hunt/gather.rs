//! The dominator tree in the order of the walk, with what the walk wants to know of each node.
//!
//! A walk down the tree jumps about in every column, and waits for memory at each of its steps. So another thread goes ahead, finds out
//! which nodes come next, and only then looks them up, a block at a time: what a block wants is independent of each other, and a
//! processor asks memory for many such things at once.

use super::descent::Tree;
use super::holds::Holds;
use crate::heap::{EdgeIdx, EdgeType, Graph, NameKey, NodeIdx, NodeType};
use std::sync::mpsc::{channel, sync_channel};

/// A plain object with more named properties than this is used as a map: the names are keys, and do not tell places apart.
const KEYED: usize = 48;
/// Nodes looked up together: as many as leave room in a core's own cache.
const BLOCK: usize = 1024;

/// A node, on the way down.
pub struct Row {
    pub node: NodeIdx,
    /// How many nodes dominate it.
    pub depth: usize,
    pub kind: NodeType,
    pub name: NameKey,
    pub self_size: u64,
    pub retained: u64,
    pub hold: Option<Hold>,
    /// The names of its properties are keys.
    pub keyed: bool,
}

/// The edge by which the dominator holds a node.
#[derive(Clone, Copy)]
pub struct Hold {
    pub edge: EdgeIdx,
    pub kind: EdgeType,
    pub key: Option<NameKey>,
}

/// Every reachable node, each after its dominator and before the next that its dominator holds.
pub fn walk(graph: &Graph, tree: &Tree, holds: &Holds, mut visit: impl FnMut(&Row)) {
    std::thread::scope(|scope| {
        let (sender, blocks) = sync_channel::<Vec<Row>>(1);
        let (back, spent) = channel::<Vec<Row>>();
        scope.spawn(move || {
            let mut nodes = tree.preorder();
            let mut next = Vec::with_capacity(BLOCK);
            loop {
                next.extend(nodes.by_ref().take(BLOCK));
                if next.is_empty() {
                    return;
                }
                let mut block = spent.try_recv().unwrap_or_default();
                block.clear();
                block.extend(next.drain(..).map(|(node, depth)| look_up(graph, tree, holds, node, depth)));
                if sender.send(block).is_err() {
                    return;
                }
            }
        });
        for block in blocks {
            block.iter().for_each(&mut visit);
            // The thread may be done: then nobody needs the block.
            let _ = back.send(block);
        }
    });
}

fn look_up(graph: &Graph, tree: &Tree, holds: &Holds, node: NodeIdx, depth: usize) -> Row {
    let hold = holds.of(node).map(|edge| Hold { edge, kind: graph.edge_kind(edge), key: graph.edge_key(edge) });
    Row {
        node,
        depth,
        kind: graph.node_type(node),
        name: graph.name_key(node),
        self_size: graph.self_size(node).0,
        retained: tree.dominators.retained(node).0,
        hold,
        keyed: is_keyed(graph, node),
    }
}

fn is_keyed(graph: &Graph, node: NodeIdx) -> bool {
    let has_room = graph.links(node).len() > KEYED;
    has_room
        && graph.node_type(node) == NodeType::Object
        && graph.name(node) == "Object"
        && graph.links(node).filter(|link| link.kind == EdgeType::Property).nth(KEYED).is_some()
}
