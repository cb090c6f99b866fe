//! Memory outside of V8's heap, as far as a snapshot shows it: that of buffers, and that of Node's own handles and tables.

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::units::{Bytes, NodeIdx};

/// An `ArrayBuffer` and the memory behind it. How much of that a view shows is a plain number in V8's object, which a snapshot does
/// not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayBuffer {
    pub node: NodeIdx,
    pub bytes: Bytes,
}

/// All that have memory of their own, in the file's order.
pub fn array_buffers(graph: &Graph) -> Vec<ArrayBuffer> {
    let is_buffer = |node: &NodeIdx| {
        graph.node_type(*node) == NodeType::Object && matches!(graph.name(*node), "ArrayBuffer" | "SharedArrayBuffer")
    };
    let with_memory = |node| {
        let memory = graph.target(node, EdgeType::Internal, "backing_store")?;
        Some(ArrayBuffer { node, bytes: graph.self_size(memory) })
    };
    graph.nodes().filter(is_buffer).filter_map(with_memory).collect()
}

/// All memory that a snapshot shows and that is not in V8's pages: the memory behind buffers, and what Node tells of its handles.
pub fn native_size(graph: &Graph) -> Bytes {
    let native = graph.nodes().filter(|&node| graph.node_type(node) == NodeType::Native);
    Bytes(native.fold(0, |sum: u64, node| sum.saturating_add(graph.self_size(node).0)))
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn a_buffer_is_as_large_as_the_memory_behind_it() {
        let mut heap = GraphBuilder::new();
        let buffer = heap.node(NodeType::Object, "ArrayBuffer", 96);
        heap.node(NodeType::Object, "ArrayBuffer", 96);
        heap.node(NodeType::Closure, "ArrayBuffer", 64);
        let memory = heap.node(NodeType::Native, "system / JSArrayBufferData", 8192);
        heap.edge(buffer, EdgeType::Internal, "backing_store", memory);
        heap.node(NodeType::Native, "zlib memory", 1000);
        let graph = heap.build();
        assert_eq!(array_buffers(&graph), [ArrayBuffer { node: buffer, bytes: Bytes(8192) }]);
        assert_eq!(native_size(&graph), Bytes(9192));
    }
}
