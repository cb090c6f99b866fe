//! Which strings that V8 has not put together yet are so short that a snapshot has all of their text. Of `text += line` a thousand times over
//! there are a thousand pairs, all of which begin in the same way: nobody can tell from their beginnings whether two of them are equal.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::kinds::NodeType;
use super::string_text::{V8_LIMIT, halves, is_cut_off};
use super::units::NodeIdx;

/// The lengths of all pairs, each looked at once, whatever is part of what.
pub(super) struct ShortPairs(FxHashMap<NodeIdx, usize>);

impl ShortPairs {
    pub(super) fn find(graph: &Graph) -> ShortPairs {
        let mut lengths = FxHashMap::default();
        let mut waiting = Vec::new();
        for pair in graph.nodes().filter(|&node| is_pair(graph, node)) {
            if !lengths.contains_key(&pair) {
                waiting.push((pair, false));
            }
            while let Some((pair, are_halves_known)) = waiting.pop() {
                let (first, second) = halves(graph, pair);
                let halves = [first, second].into_iter().flatten();
                if are_halves_known {
                    let sum: usize = halves.map(|half| length(graph, half, &lengths)).sum();
                    lengths.insert(pair, sum.min(V8_LIMIT));
                } else if let Entry::Vacant(unknown) = lengths.entry(pair) {
                    // Too long until its halves are known: a pair that is part of itself never ends.
                    unknown.insert(V8_LIMIT);
                    waiting.push((pair, true));
                    waiting.extend(halves.filter(|&half| is_pair(graph, half)).map(|half| (half, false)));
                }
            }
        }
        ShortPairs(lengths)
    }

    pub(super) fn has(&self, pair: NodeIdx) -> bool {
        self.0.get(&pair).is_some_and(|&length| length < V8_LIMIT)
    }
}

fn is_pair(graph: &Graph, node: NodeIdx) -> bool {
    graph.node_type(node) == NodeType::ConsString
}

/// At least one, so that a short text has few parts too.
fn length(graph: &Graph, half: NodeIdx, pairs: &FxHashMap<NodeIdx, usize>) -> usize {
    if let Some(&length) = pairs.get(&half) {
        return length;
    }
    let text = graph.name(half);
    if is_cut_off(text, graph.self_size(half)) { V8_LIMIT } else { text.encode_utf16().count().max(1) }
}

#[cfg(test)]
mod tests {
    use super::super::{EdgeType, GraphBuilder};
    use super::*;

    #[test]
    fn a_pair_is_short_when_all_of_its_text_is_there() {
        let mut heap = GraphBuilder::new();
        let [line, long, cut] = [("0123456789", 32), (&"x".repeat(1000), 1016), ("[1024 chars #00]", 5000)]
            .map(|(text, size)| heap.node(NodeType::String, text, size));
        let mut pair = |first, second| {
            let pair = heap.node(NodeType::ConsString, "(concatenated string)", 32);
            heap.edge(pair, EdgeType::Internal, "first", first);
            heap.edge(pair, EdgeType::Internal, "second", second);
            pair
        };
        let two = pair(line, line);
        let within = pair(long, two);
        let beyond = pair(within, two);
        let of_cut = pair(cut, line);
        let mut prefixes = vec![two];
        for _ in 0..100_000 {
            prefixes.push(pair(prefixes[prefixes.len() - 1], line));
        }
        let ring = heap.node(NodeType::ConsString, "(concatenated string)", 32);
        heap.edge(ring, EdgeType::Internal, "first", ring);
        heap.edge(ring, EdgeType::Internal, "second", line);
        let graph = heap.build();
        let short = ShortPairs::find(&graph);
        assert_eq!(
            [two, within, beyond, of_cut, ring, line].map(|node| short.has(node)),
            [true, true, false, false, false, false]
        );
        // Ten characters each: 102 lines are less than V8's limit.
        assert_eq!(prefixes.iter().filter(|&&prefix| short.has(prefix)).count(), 101);
    }
}
