//! The way from an object up to a root, as a person would tell it.
//!
//! The shortest path is often not the best answer: it runs through the stack of whoever took the snapshot, through a
//! hidden class or a compiler's cache. So every edge has a [price](super::prices), and the cheapest way wins.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::retainers::Retainers;
use super::units::{EdgeIdx, NodeIdx};

/// One holder on the way up: `node` holds, by `edge`, the node of the step before (the first step: the node asked for).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub node: NodeIdx,
    pub edge: EdgeIdx,
}

/// The way from `node` up to something that the root holds directly: a global object, a native context, `(GC roots)`.
/// The unnamed root itself is left out, so the way is empty for what it holds directly. `None` where only weak edges, or
/// none, lead to `node`.
pub fn path_to_root(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Option<Vec<Step>> {
    let dear = || retainers.searches.are_dear(graph);
    match cheapest(graph, retainers, node, &[], dear) {
        Found::Answer(way) => way,
        Found::TooDear => retainers.searches.ways(graph).path(graph, retainers, node),
    }
}

/// Up to `most` ways, the cheapest first, each through another holder of `node`. What holds by accident comes last.
pub fn paths_to_root(graph: &Graph, retainers: &Retainers, node: NodeIdx, most: usize) -> Vec<Vec<Step>> {
    let mut found: Vec<Vec<Step>> = Vec::new();
    let mut taken: Vec<NodeIdx> = Vec::new();
    while found.len() < most
        && let Found::Answer(Some(way)) = cheapest(graph, retainers, node, &taken, || false)
    {
        // A way without steps is the root's own hold: it is taken once, and hides all others of the kind.
        taken.push(way.first().map_or(graph.root(), |step| step.node));
        found.push(way);
    }
    found
}

enum Found {
    /// A way, or that there is none.
    Answer(Option<Vec<Step>>),
    /// The search was given up.
    TooDear,
}

/// The cheapest way that does not begin with one of the holders in `without`. `is_too_dear` is asked before each node is looked at.
fn cheapest(
    graph: &Graph,
    retainers: &Retainers,
    node: NodeIdx,
    without: &[NodeIdx],
    is_too_dear: impl Fn() -> bool,
) -> Found {
    let root = graph.root();
    if node == root {
        return Found::Answer(without.is_empty().then(Vec::new));
    }
    // Cheapest price so far, and the step by which it was reached. Grows with what is looked at, not with the heap.
    let mut best: FxHashMap<NodeIdx, (u32, Option<EdgeIdx>)> = FxHashMap::default();
    let mut open = BinaryHeap::new();
    best.insert(node, (0, None));
    open.push(Reverse((0u32, node)));
    let prices = retainers.searches.prices(graph);
    while let Some(Reverse((price, at))) = open.pop() {
        if at == root {
            return Found::Answer(Some(steps_down(graph, retainers, &best, node)));
        }
        if best[&at].0 < price {
            continue;
        }
        if is_too_dear() {
            return Found::TooDear;
        }
        let holders = retainers.of(at);
        retainers.searches.count(holders.len() as u64);
        for (from, index) in holders {
            if at == node && without.contains(&from) {
                continue;
            }
            let Some(extra) = prices.holder(graph, from).price(&graph.link(index)) else { continue };
            let price = price.saturating_add(extra);
            let known = best.entry(from).or_insert((u32::MAX, None));
            if price < known.0 {
                *known = (price, Some(index));
                open.push(Reverse((price, from)));
            }
        }
    }
    Found::Answer(None)
}

/// The found way, from the node asked for upwards.
fn steps_down(
    graph: &Graph,
    retainers: &Retainers,
    best: &FxHashMap<NodeIdx, (u32, Option<EdgeIdx>)>,
    node: NodeIdx,
) -> Vec<Step> {
    let mut steps = Vec::new();
    // From the root down, since each entry knows the edge that leads from it towards `node`.
    let mut at = graph.root();
    while let Some((_, Some(edge))) = best.get(&at) {
        steps.push(Step { node: at, edge: *edge });
        at = graph.edge(*edge).to;
        if at == node {
            break;
        }
    }
    debug_assert!(steps.iter().all(|step| retainers.source(step.edge) == step.node));
    steps.reverse();
    steps.pop();
    steps
}

#[cfg(test)]
mod tests {
    use super::super::prices::Prices;
    use super::super::ways::Ways;
    use super::super::{EdgeType, GraphBuilder, Link, NodeType, random};
    use super::*;
    use proptest::prelude::*;

    fn told(graph: &Graph, node: NodeIdx) -> Option<Vec<String>> {
        let path = path_to_root(graph, &Retainers::compute(graph), node)?;
        Some(path.iter().map(|step| format!("{} of {}", graph.edge(step.edge).name, graph.name(step.node))).collect())
    }

    #[test]
    fn the_stack_is_taken_only_where_nothing_else_holds() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let gc_roots = heap.node(NodeType::Synthetic, "(GC roots)", 0);
        let stack = heap.node(NodeType::Synthetic, "(Stack roots)", 0);
        let global = heap.node(NodeType::Object, "global", 8);
        let [app, logs, record, local] =
            ["App", "Array", "Record", "Local"].map(|name| heap.node(NodeType::Object, name, 8));
        heap.edge(root, EdgeType::Element, 1, gc_roots);
        heap.edge(root, EdgeType::Shortcut, "global", global);
        heap.edge(gc_roots, EdgeType::Element, 3, stack);
        heap.edge(stack, EdgeType::Element, 0, record);
        heap.edge(stack, EdgeType::Element, 1, local);
        heap.edge(global, EdgeType::Property, "app", app);
        heap.edge(app, EdgeType::Property, "logs", logs);
        heap.edge(app, EdgeType::Weak, "last", record);
        heap.edge(logs, EdgeType::Element, 7, record);
        let lost = heap.node(NodeType::Object, "Lost", 8);
        heap.edge(record, EdgeType::Weak, "ref", lost);
        let graph = heap.build();
        assert_eq!(told(&graph, record).unwrap(), ["[7] of Array", "logs of App", "app of global"]);
        assert_eq!(told(&graph, local).unwrap(), ["[1] of (Stack roots)", "[3] of (GC roots)"]);
        assert_eq!(told(&graph, global).unwrap(), [""; 0]);
        assert_eq!(told(&graph, root).unwrap(), [""; 0]);
        assert_eq!(told(&graph, lost), None);
    }

    #[test]
    fn names_from_the_program_win_over_shorter_ways_through_the_engine() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let global = heap.node(NodeType::Object, "global", 8);
        let shape = heap.node(NodeType::ObjectShape, "system / Map", 8);
        let [cache, entry, value] = ["Cache", "Entry", "Value"].map(|name| heap.node(NodeType::Object, name, 8));
        heap.edge(root, EdgeType::Shortcut, "global", global);
        heap.edge(global, EdgeType::Internal, "map", shape);
        heap.edge(shape, EdgeType::Internal, "prototype_info", value);
        heap.edge(global, EdgeType::Property, "cache", cache);
        heap.edge(cache, EdgeType::Element, 0, entry);
        heap.edge(entry, EdgeType::Property, "value", value);
        let graph = heap.build();
        assert_eq!(told(&graph, value).unwrap(), ["value of Entry", "[0] of Cache", "cache of global"]);
    }

    #[test]
    fn each_further_way_goes_through_another_holder() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let global = heap.node(NodeType::Object, "global", 8);
        let [app, cache, record] = ["App", "Cache", "Record"].map(|name| heap.node(NodeType::Object, name, 8));
        heap.edge(root, EdgeType::Shortcut, "global", global);
        heap.edge(global, EdgeType::Property, "app", app);
        heap.edge(app, EdgeType::Property, "cache", cache);
        for property in ["first", "second"] {
            heap.edge(app, EdgeType::Property, property, record);
        }
        heap.edge(cache, EdgeType::Element, 0, record);
        heap.edge(record, EdgeType::Property, "self", record);
        let graph = heap.build();
        let retainers = Retainers::compute(&graph);
        let ways = |node, most| -> Vec<Vec<NodeIdx>> {
            let ways = paths_to_root(&graph, &retainers, node, most);
            ways.iter().map(|way| way.iter().map(|step| step.node).collect()).collect()
        };
        assert_eq!(ways(record, 9), [vec![app, global], vec![cache, app, global]]);
        assert_eq!(ways(record, 1), [[app, global]]);
        assert_eq!(ways(global, 9), [[]]);
        assert_eq!(ways(root, 9), [[]]);
    }

    #[test]
    fn rings_end() {
        let mut heap = GraphBuilder::new();
        let [a, b] = ["A", "B"].map(|name| heap.node(NodeType::Object, name, 8));
        heap.edge(a, EdgeType::Property, "b", b);
        heap.edge(b, EdgeType::Property, "a", a);
        heap.edge(a, EdgeType::Property, "self", a);
        assert_eq!(told(&heap.build(), a), None);
    }

    /// What every node's cheapest way to the root costs, by going over all edges until nothing gets cheaper.
    fn brute_force(graph: &Graph) -> Vec<Option<u32>> {
        let prices = Prices::of(graph);
        let mut costs = vec![None; graph.node_count()];
        costs[0] = Some(0);
        for _ in 0..graph.node_count() {
            for (from, link) in graph.nodes().flat_map(|from| graph.links(from).map(move |link| (from, link))) {
                if let (Some(above), Some(price)) = (costs[from.row()], prices.holder(graph, from).price(&link)) {
                    let known: &mut Option<u32> = &mut costs[link.to.row()];
                    *known = Some(known.map_or(above + price, |known| known.min(above + price)));
                }
            }
        }
        costs
    }

    proptest! {
        #[test]
        fn any_path_is_a_way_and_the_cheapest(graph in random::heaps(16, 60)) {
            let retainers = Retainers::compute(&graph);
            let costs = brute_force(&graph);
            let prices = Prices::of(&graph);
            let ways = Ways::compute(&graph, &prices);
            let price_of = |from, link: Link| prices.holder(&graph, from).price(&link);
            for (node, search) in graph.nodes().flat_map(|node| [(node, true), (node, false)]) {
                let path = match search {
                    true => path_to_root(&graph, &retainers, node),
                    false => ways.path(&graph, &retainers, node),
                };
                prop_assert_eq!(path.is_some(), costs[node.row()].is_some());
                let Some(path) = path else { continue };
                let mut below = node;
                let mut cost = 0;
                for step in &path {
                    let link = graph.link(step.edge);
                    prop_assert!(link.to == below && graph.links(step.node).any(|other| other.index == link.index));
                    cost += price_of(step.node, link).expect("a step that holds");
                    below = step.node;
                }
                // The last step, from what the root holds to the root, is left out.
                let root = graph.root();
                let last = graph.links(root).filter(|link| link.to == below).filter_map(|link| price_of(root, link)).min();
                if node != root {
                    prop_assert_eq!(Some(cost + last.expect("the root holds the end of the path")), costs[node.row()]);
                }
            }
        }
    }
}
