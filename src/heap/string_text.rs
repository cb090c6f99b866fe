//! What a string says.

use std::borrow::Cow;

use super::graph::{EdgeName, Graph};
use super::kinds::{EdgeType, NodeType};
use super::units::{Bytes, NodeIdx};

/// V8 writes no more of a string than this, and so says how much is put together here.
pub(super) const V8_LIMIT: usize = 1024;

/// The text of a string, as far as the snapshot has it. V8 makes `a + b` a pair of references until somebody reads it: such
/// a string is put together of its parts. Of a sliced string only the parent is known and not where the slice begins, so
/// its text is V8's word for it; and so it is of a pair whose beginning lies thousands of pairs down.
pub fn string_text(graph: &Graph, node: NodeIdx) -> Cow<'_, str> {
    if graph.node_type(node) != NodeType::ConsString {
        return Cow::Borrowed(graph.name(node));
    }
    let mut text = String::new();
    let mut room = V8_LIMIT;
    // Parts to come, the next one last. Looks have a limit too, since parts may be empty, or a pair of itself.
    let mut parts = vec![node];
    for _ in 0..2 * V8_LIMIT {
        let Some(part) = parts.pop().filter(|_| room > 0) else { break };
        if graph.node_type(part) == NodeType::ConsString {
            let (first, second) = halves(graph, part);
            parts.extend([second, first].into_iter().flatten());
        } else {
            text.extend(graph.name(part).chars().take(room).inspect(|_| room -= 1));
        }
    }
    if text.is_empty() && !parts.is_empty() {
        return Cow::Borrowed(graph.name(node));
    }
    Cow::Owned(text)
}

/// The text of the piece with which a string begins, however far down it lies: as many steps as there are pairs on the way.
pub fn first_piece(graph: &Graph, node: NodeIdx) -> &str {
    let mut piece = node;
    // No way is longer than there are nodes, unless a pair is part of itself.
    for _ in 0..graph.node_count() {
        let (first, second) = halves(graph, piece);
        match first.or(second).filter(|_| graph.node_type(piece) == NodeType::ConsString) {
            Some(half) => piece = half,
            None => return graph.name(piece),
        }
    }
    ""
}

/// No string as long as V8's limit takes more: two bytes a character, and what stands in front of them.
const WIDEST: u64 = 2 * V8_LIMIT as u64 + 40;

/// Whether the text of a string in one piece may go on beyond what V8 wrote of it.
pub(super) fn is_cut_off(text: &str, size: Bytes) -> bool {
    // Characters outside of the first plane count twice for V8, so fewer of ours may be all that it wrote.
    let at_limit = || text.len() >= V8_LIMIT && text.encode_utf16().take(V8_LIMIT).count() == V8_LIMIT;
    // A string of more bytes than the limit needs was cut off, whatever a redaction has put in the place of its text.
    size.0 > WIDEST || at_limit()
}

/// Whether a pair has been read: V8 then leaves the whole text in its first half, and nothing in the second.
pub(super) fn is_flattened(graph: &Graph, node: NodeIdx) -> bool {
    let (first, second) = halves(graph, node);
    [first, second].into_iter().flatten().any(|half| graph.name(half).is_empty())
}

pub(super) fn halves(graph: &Graph, node: NodeIdx) -> (Option<NodeIdx>, Option<NodeIdx>) {
    let (mut first, mut second) = (None, None);
    for edge in graph.edges(node).filter(|edge| edge.kind == EdgeType::Internal) {
        match edge.name {
            EdgeName::Name("first") => first = Some(edge.to),
            EdgeName::Name("second") => second = Some(edge.to),
            _ => {}
        }
    }
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn pairs_are_put_together_in_order_and_only_so_far() {
        let mut heap = GraphBuilder::new();
        let [one, two, three] = ["one ", "two ", "three"].map(|text| heap.node(NodeType::String, text, 16));
        let mut pair = |first, second| {
            let pair = heap.node(NodeType::ConsString, "(concatenated string)", 32);
            heap.edge(pair, EdgeType::Internal, "first", first);
            heap.edge(pair, EdgeType::Internal, "second", second);
            pair
        };
        let inner = pair(one, two);
        let outer = pair(inner, three);
        // Twice as long with each level: the text of the last would be longer than memory.
        let doubled = (0..60).fold(one, |half, _| pair(half, half));
        let deep = (0..5 * V8_LIMIT).fold(one, |first, _| pair(first, two));
        // A pair of itself has no text at all.
        let slice = heap.node(NodeType::SlicedString, "(sliced string)", 32);
        let ring = heap.node(NodeType::ConsString, "(concatenated string)", 32);
        heap.edge(ring, EdgeType::Internal, "first", ring);
        heap.edge(ring, EdgeType::Internal, "second", ring);
        let graph = heap.build();
        assert_eq!(string_text(&graph, outer), "one two three");
        assert_eq!(string_text(&graph, slice), "(sliced string)");
        assert_eq!(string_text(&graph, doubled).len(), V8_LIMIT);
        // So deep that looking for its beginning would take too long for each of its parts.
        assert_eq!(string_text(&graph, ring), "(concatenated string)");
        assert_eq!(string_text(&graph, deep), "(concatenated string)");
        let beginnings = [one, outer, deep, slice, ring].map(|node| first_piece(&graph, node));
        assert_eq!(beginnings, ["one ", "one ", "one ", "(sliced string)", ""]);
    }
}
