//! Dominators against drawings and against brute force.

use proptest::prelude::*;

use super::*;

/// A heap of objects called by numbers, node 0 being the root; each object is as many bytes as a power of two, so that
/// a sum tells its parts.
fn heap(nodes: usize, edges: &[(usize, EdgeType, usize)]) -> Graph {
    let mut builder = GraphBuilder::new();
    for node in 1..nodes {
        builder.node(NodeType::Object, &format!("N{node}"), 1 << node);
    }
    for &(from, kind, to) in edges {
        let (from, to) = (NodeIdx(from as u32), NodeIdx(to as u32));
        match kind {
            EdgeType::Element => builder.edge(from, kind, 0, to),
            _ => builder.edge(from, kind, "e", to),
        }
    }
    builder.build()
}

fn idoms(graph: &Graph) -> Vec<Option<u32>> {
    let dominators = Dominators::compute(graph);
    graph.nodes().map(|node| dominators.idom(node).map(|node| node.0)).collect()
}

use EdgeType::{Element as E, Property as P, Shortcut as S, Weak as W};

#[test]
fn a_diamond_is_dominated_by_its_top() {
    //     0
    //     1
    //    / \
    //   2   3
    //    \ /
    //     4
    let graph = heap(5, &[(0, E, 1), (1, P, 2), (1, P, 3), (2, P, 4), (3, P, 4)]);
    assert_eq!(idoms(&graph), [None, Some(0), Some(1), Some(1), Some(1)]);
    let dominators = Dominators::compute(&graph);
    let retained: Vec<u64> = graph.nodes().map(|node| dominators.retained(node).0).collect();
    assert_eq!(retained, [30, 30, 4, 8, 16]);
    let children: Vec<u32> = dominators.children().of(NodeIdx(1)).map(|node| node.0).collect();
    assert_eq!(children, [2, 3, 4]);
    assert_eq!(dominators.preorder().next(), Some(graph.root()));
}

#[test]
fn weak_edges_self_edges_and_inner_shortcuts_hold_nothing() {
    let graph = heap(4, &[(0, E, 1), (1, P, 2), (0, W, 2), (2, P, 2), (2, S, 3), (1, P, 3)]);
    assert_eq!(idoms(&graph), [None, Some(0), Some(1), Some(1)]);
}

#[test]
fn what_a_global_reaches_is_not_held_by_handles() {
    // 1 is a global, 2 a list of handles: 3 belongs to the global alone, 4 to the handles.
    let graph = heap(5, &[(0, S, 1), (0, E, 2), (1, P, 3), (2, E, 3), (2, E, 4)]);
    assert_eq!(idoms(&graph), [None, Some(0), Some(0), Some(1), Some(2)]);
}

#[test]
fn orphans_and_unreachable_rings_hang_from_the_root() {
    // 2 has a weak holder only and holds 3. 4 and 5 hold each other, and 5 holds 6.
    let graph = heap(7, &[(0, E, 1), (1, W, 2), (2, P, 3), (4, P, 5), (5, P, 4), (5, P, 6)]);
    assert_eq!(idoms(&graph), [None, Some(0), Some(0), Some(2), Some(0), Some(0), Some(0)]);
    let dominators = Dominators::compute(&graph);
    let reachable: Vec<u32> = graph.nodes().filter(|node| dominators.is_reachable(*node)).map(|node| node.0).collect();
    assert_eq!(reachable, [0, 1]);
    assert_eq!(dominators.retained(graph.root()), graph.total_size());
}

#[test]
fn the_value_of_a_weak_map_belongs_to_its_key() {
    let mut builder = GraphBuilder::new();
    let [table, keys, key, value] =
        ["Table", "Keys", "Key", "Value"].map(|name| builder.node(NodeType::Object, name, 8));
    builder.set_id(table, 77);
    let entry = "3 / part of key (Key @7) -> value (Value @9) pair in WeakMap (table @77)";
    let root = builder.root();
    builder.edge(root, E, 1, table);
    builder.edge(root, E, 2, keys);
    builder.edge(keys, P, "key", key);
    builder.edge(table, EdgeType::Internal, entry, value);
    builder.edge(key, EdgeType::Internal, entry, value);
    let dominators = Dominators::compute(&builder.build());
    assert_eq!(dominators.idom(value), Some(key));
    assert_eq!(dominators.retained(keys), Bytes(24));
}

#[test]
fn a_list_a_million_deep_is_no_deeper_than_the_stack() {
    let mut builder = GraphBuilder::new();
    let mut last = builder.root();
    for _ in 0..1_000_000 {
        let next = builder.node(NodeType::Object, "Link", 16);
        builder.edge(last, P, "next", next);
        last = next;
    }
    let graph = builder.build();
    let dominators = Dominators::compute(&graph);
    assert_eq!(dominators.retained(NodeIdx(1)), Bytes(16_000_000));
    assert_eq!(dominators.idom(last), Some(NodeIdx(last.0 - 1)));
    assert!(path_to_root(&graph, &Retainers::compute(&graph), last).is_some());
}

/// The definition, word by word, on a matrix of essential edges.
fn brute_force(nodes: usize, edges: &[(usize, EdgeType, usize)]) -> Vec<Option<u32>> {
    let reach = |seeds: Vec<usize>, allowed: &dyn Fn(usize, EdgeType, usize) -> bool| {
        let mut seen = vec![false; nodes];
        let mut open = seeds;
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                let next = edges.iter().filter(|(from, kind, to)| *from == node && allowed(*from, *kind, *to));
                open.extend(next.map(|edge| edge.2));
            }
        }
        seen
    };
    let globals: Vec<usize> = edges.iter().filter(|edge| edge.0 == 0 && edge.1 == S).map(|edge| edge.2).collect();
    let page = reach(globals, &|_, kind, _| kind != W);
    let essential = |from: usize, kind: EdgeType, to: usize| {
        kind != W && from != to && (from == 0 || (kind != S && (page[from] || !page[to])))
    };
    let orphans =
        (1..nodes).filter(|node| !edges.iter().any(|&(from, kind, to)| to == *node && essential(from, kind, to)));
    let seeds: Vec<usize> = std::iter::once(0).chain(orphans).collect();
    let alive = reach(seeds.clone(), &essential);
    let mut idom = vec![Some(0); nodes];
    idom[0] = None;
    // `without[d][n]`: nothing leads to n if d is gone.
    let without: Vec<Vec<bool>> = (0..nodes)
        .map(|gone| {
            let seeds = seeds.iter().copied().filter(|seed| *seed != gone).collect();
            let left = reach(seeds, &|from, kind, to| to != gone && essential(from, kind, to));
            left.iter().map(|left| !left).collect()
        })
        .collect();
    for node in (1..nodes).filter(|node| alive[*node]) {
        let all: Vec<usize> = (1..nodes).filter(|d| *d != node && alive[*d] && without[*d][node]).collect();
        // The nearest dominator is dominated by all the others.
        let nearest = all.iter().find(|d| all.iter().all(|other| other == *d || without[*other][**d]));
        idom[node] = Some(nearest.map_or(0, |d| *d as u32));
    }
    idom
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_graph_agrees_with_brute_force(
        nodes in 1usize..14,
        edges in prop::collection::vec((any::<prop::sample::Index>(), 0u8..12, any::<prop::sample::Index>()), 0..40),
    ) {
        let kind = |number| match number { 0 => W, 1 => S, 2 => E, _ => P };
        let edges: Vec<_> = edges
            .into_iter()
            .map(|(from, number, to)| (from.index(nodes), kind(number), to.index(nodes)))
            .collect();
        let graph = heap(nodes, &edges);
        prop_assert_eq!(idoms(&graph), brute_force(nodes, &edges));
        let dominators = Dominators::compute(&graph);
        prop_assert_eq!(dominators.retained(graph.root()), graph.total_size());
        let mut seen = std::collections::HashSet::new();
        for node in dominators.preorder() {
            prop_assert!(dominators.idom(node).is_none_or(|idom| seen.contains(&idom)));
            seen.insert(node);
        }
        prop_assert_eq!(seen.len(), nodes);
    }
}

proptest! {
    #[test]
    fn retained_sizes_are_sums_over_what_is_dominated(graph in random::heaps(24, 70)) {
        let dominators = Dominators::compute(&graph);
        let sizes = ShallowSizes::compute(&graph);
        let chain = |node| std::iter::successors(Some(node), |&node| dominators.idom(node));
        let below = |top| graph.nodes().filter(move |&node| chain(node).any(|above| above == top));
        let of_classes = class_retained(&graph, &dominators, &dominators.children(), &sizes);
        for top in graph.nodes() {
            prop_assert_eq!(dominators.retained(top), below(top).map(|node| graph.self_size(node)).sum::<Bytes>());
            let children: Vec<NodeIdx> = dominators.children().of(top).collect();
            let expected: Vec<NodeIdx> = graph.nodes().filter(|&node| dominators.idom(node) == Some(top)).collect();
            prop_assert_eq!(children, expected);
            // What goes when all of a class goes, as far as they have a size of their own.
            let class = graph.class_key(top);
            let goes = |node| chain(node).any(|above| graph.class_key(above) == class && sizes.of(above).0 > 0);
            let all = graph.nodes().filter(|&node| goes(node)).map(|node| graph.self_size(node)).sum::<Bytes>();
            prop_assert_eq!(of_classes.get(&class).copied().unwrap_or_default(), all);
        }
        // Storage moves between rows and is neither lost nor counted twice.
        prop_assert_eq!(graph.nodes().map(|node| sizes.of(node)).sum::<Bytes>(), graph.total_size());
    }

    #[test]
    fn what_the_reader_made_of_it_has_the_same_dominators(graph in random::heaps(24, 70)) {
        let mut text = Vec::new();
        write_snapshot(&graph, &mut text).unwrap();
        let mut parser = SnapshotParser::new(GraphAssembler::new());
        parser.feed(&text).unwrap();
        prop_assert_eq!(idoms(&parser.finish().unwrap().into_graph()), idoms(&graph));
    }
}

/// A list whose end holds as many objects as the list is long, each of them also held by an index.
fn list_with_an_index(length: usize) -> Graph {
    let mut builder = GraphBuilder::new();
    let index = builder.node(NodeType::Object, "Index", 8);
    builder.edge(builder.root(), E, 0, index);
    let mut end = builder.root();
    for _ in 0..length {
        let link = builder.node(NodeType::Object, "Link", 8);
        builder.edge(end, P, "next", link);
        end = link;
    }
    for item in 0..length as u32 {
        let node = builder.node(NodeType::Object, "Item", 8);
        builder.edge(end, E, item, node);
        builder.edge(index, E, item, node);
    }
    builder.build()
}

#[test]
fn what_a_long_list_and_an_index_hold_together_hangs_from_the_root() {
    let graph = list_with_an_index(10_000);
    let dominators = Dominators::compute(&graph);
    let items = graph.nodes().filter(|&node| graph.name(node) == "Item");
    assert_eq!(items.filter(|&item| dominators.idom(item) == Some(graph.root())).count(), 10_000);
}
