//! Strings that are there more than once.

use std::borrow::Cow;
use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::graph::{Graph, NameKey};
use super::kinds::NodeType;
use super::ownership::ShallowSizes;
use super::short_pairs::ShortPairs;
use super::string_text::{is_cut_off, is_flattened, string_text};
use super::units::{Bytes, NodeIdx};

/// Strings with one text, two or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateString {
    /// The largest of them.
    pub example: NodeIdx,
    pub count: u64,
    /// All of them.
    pub shallow: Bytes,
    /// All but the largest: what one string for all would save.
    pub wasted: Bytes,
}

/// All texts of which there are several strings, those that waste most first. Counted as DevTools does: without slices,
/// without pairs that have been read already, and without V8's own figures, which look like strings of no size. A text that V8 has cut
/// off counts as the same only where the strings are of one size as well, and so never of pairs, which all have one size.
pub fn duplicate_strings(graph: &Graph, sizes: &ShallowSizes) -> Vec<DuplicateString> {
    let mut by_text: HashMap<(Cow<'_, str>, u64), DuplicateString> = HashMap::new();
    let short = ShortPairs::find(graph);
    for node in graph.nodes().filter(|&node| short.has(node) && !is_flattened(graph, node)) {
        let size = sizes.of(node);
        if size != Bytes(0) {
            let one = DuplicateString::one(node, size);
            by_text.entry((string_text(graph, node), 0)).and_modify(|all| all.add(one)).or_insert(one);
        }
    }
    for ((_, cut), group) in by_name(graph, |node| sizes.of(node)) {
        let text = Cow::Borrowed(graph.name(group.example));
        by_text.entry((text, cut)).and_modify(|all| all.add(group)).or_insert(group);
    }
    several(by_text.into_values())
}

/// The same of strings in one piece, by V8's own sizes: far quicker, and without the pairs of a text that is put together bit by bit, each of
/// which is a string with a beginning like all others.
pub fn duplicate_pieces(graph: &Graph) -> Vec<DuplicateString> {
    several(by_name(graph, |node| graph.self_size(node)).into_values())
}

/// By number, since that is quicker to hash than the text, and V8 has each text once.
fn by_name(graph: &Graph, size: impl Fn(NodeIdx) -> Bytes) -> FxHashMap<(NameKey, u64), DuplicateString> {
    let mut found: FxHashMap<(NameKey, u64), DuplicateString> = FxHashMap::default();
    for node in graph.nodes().filter(|&node| graph.node_type(node) == NodeType::String) {
        let size = size(node);
        if size != Bytes(0) {
            let one = DuplicateString::one(node, size);
            let cut = cut_off(graph.name(node), size);
            found.entry((graph.name_key(node), cut)).and_modify(|all| all.add(one)).or_insert(one);
        }
    }
    found
}

fn several(groups: impl Iterator<Item = DuplicateString>) -> Vec<DuplicateString> {
    let mut several: Vec<DuplicateString> = groups.filter(|group| group.count > 1).collect();
    several.sort_by_key(|group| (std::cmp::Reverse(group.wasted), group.example));
    several
}

/// The size where a text may go on beyond what V8 wrote of it, else the same for all.
fn cut_off(text: &str, size: Bytes) -> u64 {
    if is_cut_off(text, size) { size.0 } else { 0 }
}

impl DuplicateString {
    fn one(example: NodeIdx, size: Bytes) -> DuplicateString {
        DuplicateString { example, count: 1, shallow: size, wasted: Bytes(0) }
    }

    fn add(&mut self, other: DuplicateString) {
        let (larger, smaller) = if other.largest() > self.largest() { (other, *self) } else { (*self, other) };
        *self = DuplicateString {
            example: larger.example,
            count: self.count + other.count,
            shallow: self.shallow + other.shallow,
            wasted: larger.wasted + smaller.shallow,
        };
    }

    /// The size of the example.
    fn largest(&self) -> Bytes {
        self.shallow - self.wasted
    }
}

#[cfg(test)]
mod tests {
    use super::super::string_text::V8_LIMIT;
    use super::super::{EdgeType, GraphBuilder};
    use super::*;

    #[test]
    fn equal_texts_are_counted_whatever_they_are_made_of() {
        let mut heap = GraphBuilder::new();
        let mut text = |kind, text: &str, size| heap.node(kind, text, size);
        text(NodeType::String, "same text", 24);
        let wide = text(NodeType::String, "same text", 40);
        let [same, space, empty, once] = ["same", " text", "", "once"].map(|part| text(NodeType::String, part, 16));
        // Not strings, or none of their own.
        text(NodeType::SlicedString, "same text", 32);
        text(NodeType::Symbol, "same text", 32);
        text(NodeType::String, "same text", 0);
        let long = "x".repeat(V8_LIMIT);
        let cut = [2000, 3000, 3000].map(|size| text(NodeType::String, &long, size));
        let mut pair = |first, second| {
            let pair = heap.node(NodeType::ConsString, "(concatenated string)", 32);
            heap.edge(pair, EdgeType::Internal, "first", first);
            heap.edge(pair, EdgeType::Internal, "second", second);
        };
        pair(same, space);
        pair(once, empty);
        let graph = heap.build();
        let found = duplicate_strings(&graph, &ShallowSizes::compute(&graph));
        let row = |example, count, shallow, wasted| DuplicateString {
            example,
            count,
            shallow: Bytes(shallow),
            wasted: Bytes(wasted),
        };
        assert_eq!(found, [row(cut[1], 2, 6000, 3000), row(wide, 3, 24 + 40 + 32, 24 + 32)]);
        assert_eq!(duplicate_pieces(&graph), [row(cut[1], 2, 6000, 3000), row(wide, 2, 24 + 40, 24)]);
    }

    #[test]
    fn the_beginnings_of_a_text_that_is_put_together_bit_by_bit_are_no_copies() {
        let mut heap = GraphBuilder::new();
        let mut log = heap.node(NodeType::String, "start of a log", 32);
        let line = heap.node(NodeType::String, "a line of the log", 40);
        for _ in 0..5 * V8_LIMIT {
            let longer = heap.node(NodeType::ConsString, "(concatenated string)", 32);
            heap.edge(longer, EdgeType::Internal, "first", log);
            heap.edge(longer, EdgeType::Internal, "second", line);
            log = longer;
        }
        let graph = heap.build();
        assert_eq!(duplicate_strings(&graph, &ShallowSizes::compute(&graph)), []);
    }

    #[test]
    fn what_a_redaction_left_of_long_texts_is_told_apart_by_size() {
        let mut heap = GraphBuilder::new();
        for size in [5000, 5000, 6000] {
            heap.node(NodeType::String, "[1024 chars #0123456789abcdef]", size);
        }
        let [alike] = duplicate_pieces(&heap.build())[..] else { panic!() };
        assert_eq!((alike.count, alike.shallow), (2, Bytes(10_000)));
    }

    #[test]
    fn one_text_under_two_numbers_is_one_text() {
        // Only a file that V8 did not write has such a table.
        let file = r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],
            "node_types":[["synthetic","string"]],"edge_fields":["type","name_or_index","to_node"],"edge_types":[["element"]]}},
            "nodes":[0,0,1,0,0,1,1,3,16,0,1,2,5,16,0],"edges":[],"strings":["","twin","twin"]}"#;
        let mut parser = super::super::SnapshotParser::new(super::super::GraphAssembler::new());
        parser.feed(file.as_bytes()).unwrap();
        let graph = parser.finish().unwrap().into_graph();
        let [twins] = duplicate_strings(&graph, &ShallowSizes::compute(&graph))[..] else { panic!() };
        assert_eq!((twins.count, twins.shallow, twins.wasted), (2, Bytes(32), Bytes(16)));
    }
}
