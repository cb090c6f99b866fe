//! Graphs of pages built word by word. What is told here of each kind was seen on a real heap first.

use super::*;
use crate::heap::{EdgeName, EdgeType, NodeType};
use crate::pages::builder::{NODES, Page, smi, to};
use proptest::prelude::*;

fn graph(page: &Page) -> Graph {
    build_graph(&page.regions(), &page.layout, &[page.chunk()], Vec::new(), &Outside::NOTHING).graph
}

/// The node of the object at an address: they are numbered in order, behind the root.
fn node_at(page: &Page, graph: &Graph, address: u64) -> NodeIdx {
    let id = ((address - Page::BASE) / 8) << 1 | 1;
    graph
        .nodes()
        .find(|node| graph.id(*node) & 0xffff == id)
        .unwrap_or_else(|| panic!("no object at {:#x}", page.next()))
}

/// An edge as text, `kind name`, to a node.
fn edges(graph: &Graph, node: NodeIdx) -> Vec<(String, NodeIdx)> {
    graph.edges(node).map(|edge| (format!("{} {}", edge.kind.name(), edge.name), edge.to)).collect()
}

fn target(graph: &Graph, node: NodeIdx, wanted: &str) -> Option<NodeIdx> {
    edges(graph, node).into_iter().find(|(edge, _)| edge == wanted).map(|(_, to)| to)
}

#[test]
fn properties_have_their_names_wherever_they_are_kept() {
    for major in NODES {
        let mut page = Page::new(major);
        let (key, inside) = (page.text("inside"), page.text("value"));
        let object = page.with_property(key, inside);
        let graph = graph(&page);
        let object = node_at(&page, &graph, object);
        let value = node_at(&page, &graph, inside);
        assert_eq!(target(&graph, object, "property inside"), Some(value), "Node {major}: {:?}", edges(&graph, object));
        assert_eq!((graph.node_type(value), graph.name(value)), (NodeType::String, "value"));
        let map = target(&graph, object, "internal map").unwrap();
        assert_eq!(graph.node_type(map), NodeType::ObjectShape);
        assert!(target(&graph, map, "internal descriptors").is_some());
    }
}

#[test]
fn a_dictionary_and_its_accessors_are_told_by_their_keys() {
    let mut page = Page::new(24);
    let (key, name) = (page.text("held"), page.text("text"));
    let getter = page.function("getIt");
    let accessor = page.text("own");
    let pair_map = page.map_of("AccessorPair", 3);
    let pair = page.object(&[to(pair_map), to(getter), 0]);
    let hash_type = page.layout.types.fixed_array + 1;
    let table_map = page.map(hash_type, 0);
    let prefix = page.layout.names.dictionary_prefix;
    let mut words = vec![to(table_map), smi(prefix + 6)];
    words.resize(2 + prefix as usize, smi(0));
    words.extend([to(key), to(name), smi(0), to(accessor), to(pair), smi(1)]);
    let table = page.object(&words);
    let map = page.map_of("JSObject", 3);
    page.set(map + page.layout.map.bit_field3, 1 << page.layout.names.is_dictionary_shift);
    let object = page.object(&[to(map), to(table), 0]);
    let graph = graph(&page);
    let node = |address| node_at(&page, &graph, address);
    let of = |edge| target(&graph, node(object), edge);
    assert_eq!(of("property held"), Some(node(name)));
    assert_eq!((of("property own"), of("property get own")), (Some(node(pair)), Some(node(getter))));
    assert_eq!(of("internal properties"), Some(node(table)));
    assert_eq!((graph.node_type(node(table)), graph.name(node(table))), (NodeType::Array, "(object properties)"));
    assert_eq!((graph.node_type(node(getter)), graph.name(node(getter))), (NodeType::Closure, "getIt"));
}

#[test]
fn elements_are_held_by_the_object_and_by_their_array() {
    let mut page = Page::new(22);
    let value = page.text("element");
    let array_map = page.map_of("FixedArray", 0);
    let array = page.object(&[to(array_map), smi(3), smi(7), to(value), smi(9)]);
    let map = page.map_of("JSArray", 4);
    let object = page.object(&[to(map), 0, to(array), smi(3)]);
    let graph = graph(&page);
    let node = |address| node_at(&page, &graph, address);
    assert_eq!(target(&graph, node(object), "element [1]"), Some(node(value)));
    assert_eq!(target(&graph, node(array), "internal 1"), Some(node(value)));
    assert_eq!(graph.name(node(array)), "(object elements)");
}

#[test]
fn variables_have_the_names_that_their_scope_gives_them() {
    for major in NODES {
        let mut page = Page::new(major);
        let (first, second, value) = (page.text("first"), page.text("second"), page.text("value"));
        let scope_map = page.map_of("ScopeInfo", 0);
        let mut words = vec![smi(0); 1 + page.layout.names.scope_first_variable as usize];
        words[0] = to(scope_map);
        words[1 + page.layout.names.scope_context_locals as usize] = smi(2);
        words.extend([to(first), to(second), smi(0), smi(0)]);
        let scope = page.object(&words);
        let context_type = page.layout.types.context.0;
        let map = page.map(context_type, 0);
        let plain = page.object(&[to(map), smi(4), to(scope), 0, smi(1), to(value)]);
        // With a slot for what `eval` adds, before the variables.
        let extended = page.object(&[to(map), smi(5), to(scope), to(plain), to(value), to(value), smi(1)]);
        let graph = graph(&page);
        let node = |address| node_at(&page, &graph, address);
        assert_eq!(target(&graph, node(plain), "context second"), Some(node(value)), "Node {major}");
        assert_eq!(target(&graph, node(plain), "context first"), None, "a number is no edge");
        let of = |edge| target(&graph, node(extended), edge);
        assert_eq!((of("context first"), of("internal extension")), (Some(node(value)), Some(node(value))));
        assert_eq!(of("internal previous"), Some(node(plain)));
        assert_eq!(graph.name(node(plain)), "system / Context");
    }
}

#[test]
fn what_a_weak_map_holds_is_held_by_the_key() {
    let mut page = Page::new(26);
    let (key_map, map) = (page.map_of("JSObject", 3), page.map_of("JSWeakMap", 4));
    let (key, value) = (page.object(&[to(key_map), 0, 0]), page.object(&[to(key_map), 0, 0]));
    let table_map = page.map(page.layout.types.fixed_array + 3, 0);
    let table = page.object(&[to(table_map), smi(5), smi(1), smi(0), smi(1), to(key), to(value)]);
    let weak_map = page.object(&[to(map), 0, 0, to(table)]);
    // A plain object that holds the key and the weak map.
    let holder_map = page.map_of("JSObject", 5);
    page.object(&[to(holder_map), 0, 0, to(key), to(weak_map)]);
    let graph = graph(&page);
    let node = |address| node_at(&page, &graph, address);
    let pair = |node: NodeIdx| {
        graph
            .edges(node)
            .find(|edge| matches!(edge.name, EdgeName::Name(name) if crate::heap::weak_map_table(name).is_some()))
    };
    assert_eq!(pair(node(key)).map(|edge| edge.to), Some(node(value)));
    assert_eq!(pair(node(table)).map(|edge| edge.to), Some(node(value)));
    assert_eq!(target(&graph, node(weak_map), "internal table"), Some(node(table)));
    let dominators = crate::heap::Dominators::compute(&graph);
    assert_eq!(dominators.idom(node(value)), Some(node(key)));
}

#[test]
fn what_nothing_holds_is_held_from_native_code_and_a_ring_from_where_it_is_entered() {
    let mut page = Page::new(24);
    let map = page.map_of("JSObject", 4);
    // ring: one <-> other, other -> below; and lone
    let below = page.object(&[to(map), 0, 0, 0]);
    let one = page.object(&[to(map), 0, 0, 0]);
    let both = page.map_of("JSObject", 5);
    let other = page.object(&[to(both), 0, 0, to(one), to(below)]);
    page.set(one + 24, to(other));
    let lone = page.object(&[to(map), 0, 0, to(below) + 2]);
    let graph = graph(&page);
    let node = |address| node_at(&page, &graph, address);
    let native = graph.nodes().find(|node| graph.name(*node) == "(held from native code)").unwrap();
    let held: Vec<NodeIdx> = graph.edges(native).map(|edge| edge.to).collect();
    assert!(held.contains(&node(lone)) && !held.contains(&node(below)));
    assert_eq!(held.contains(&node(one)), !held.contains(&node(other)), "one of the ring");
    assert_eq!(target(&graph, node(lone), "weak 1"), Some(node(below)));
    let dominators = crate::heap::Dominators::compute(&graph);
    assert!(graph.nodes().all(|node| dominators.is_reachable(node)));
}

#[test]
fn a_buffer_holds_its_memory_outside_of_the_heap() {
    let mut page = Page::new(24);
    let map = page.map_of("JSArrayBuffer", 12);
    let edges = &page.layout.edges;
    let (length, store) = (edges.buffer_length.unwrap() / 8, edges.buffer_store.unwrap() / 8);
    let mut words = [to(map), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    (words[length as usize], words[store as usize]) = (5000, 0x7f00_0000_1000);
    let buffers = [page.object(&words), page.object(&words)];
    let graph = graph(&page);
    let data: Vec<_> =
        buffers.map(|buffer| target(&graph, node_at(&page, &graph, buffer), "internal backing_store").unwrap()).into();
    assert_eq!(data[0], data[1], "two buffers of one memory");
    assert_eq!(
        (graph.name(data[0]), graph.self_size(data[0]).0, graph.id(data[0]) % 2),
        ("system / JSArrayBufferData", 5000, 0)
    );
    assert_eq!(crate::heap::array_buffers(&graph).len(), 2);
}

#[test]
fn a_scope_of_as_many_variables_as_a_realm_has_slots_is_none() {
    for major in NODES {
        let mut page = Page::new(major);
        let map = page.map(page.layout.types.context.0, 0);
        let native_map = page.map(page.layout.types.context.1, 0);
        let mut words = vec![to(native_map), smi(250), 0, smi(0)];
        words.resize(252, smi(0));
        let next = page.object(&[to(native_map), smi(250)]);
        page.words.resize(page.words.len() + 250, smi(0));
        words[251] = to(next);
        let native = page.object(&words);
        words[0] = to(map);
        words[3] = to(native);
        let scope = page.object(&words);
        let graph = graph(&page);
        let node = |address| node_at(&page, &graph, address);
        let kind = |address| (graph.node_type(node(address)), graph.name(node(address)));
        assert_eq!(kind(native), (NodeType::Hidden, "system / NativeContext"), "Node {major}");
        assert_eq!(kind(scope), (NodeType::Object, "system / Context"));
        let leads = |from| graph.edges(node(from)).any(|edge| edge.to == node(next) && edge.kind != EdgeType::Weak);
        assert!(leads(scope) && !leads(native), "a realm does not hold the next one");
    }
}

#[test]
fn internalized_strings_are_held_by_their_table_and_by_nothing_else_alone() {
    let mut page = Page::new(24);
    let map = page.map_of("JSObject", 4);
    let text = page.text("internalized");
    let object = page.object(&[to(map), 0, 0, to(text)]);
    let graph = graph(&page);
    let node = |address| node_at(&page, &graph, address);
    let table = graph.nodes().find(|node| graph.name(*node) == "(Internalized strings)").unwrap();
    assert!(graph.edges(table).any(|edge| edge.to == node(text)));
    let dominators = crate::heap::Dominators::compute(&graph);
    assert_ne!(dominators.idom(node(text)), Some(node(object)));
}

#[test]
fn lists_are_of_the_kind_of_what_holds_them() {
    let mut page = Page::new(24);
    let array_map = page.map_of("FixedArray", 0);
    let pool = page.object(&[to(array_map), smi(1), smi(7)]);
    let keys = page.object(&[to(array_map), smi(1), smi(7)]);
    let alone = page.object(&[to(array_map), smi(1), smi(7)]);
    let (site_map, cache_map) = (page.map_of("ArrayBoilerplateDescription", 3), page.map_of("EnumCache", 3));
    page.object(&[to(site_map), smi(0), to(pool)]);
    page.object(&[to(cache_map), to(keys), smi(0)]);
    let graph = graph(&page);
    let told = |address| {
        let node = node_at(&page, &graph, address);
        (graph.node_type(node), graph.name(node).to_owned())
    };
    assert_eq!(told(pool), (NodeType::Code, "(constant elements)".to_owned()));
    assert_eq!(told(keys), (NodeType::ObjectShape, "(enum cache)".to_owned()));
    assert_eq!(told(alone), (NodeType::Array, String::new()));
}

#[test]
fn what_weak_cells_watch_is_held_by_others_alone_wherever_it_stands() {
    for (major, target) in [(20, 2), (22, 2), (24, 2), (26, 3)] {
        let mut page = Page::new(major);
        let map = page.map_of("JSObject", 3);
        let (watched, token, given) =
            (page.object(&[to(map), 0, 0]), page.object(&[to(map), 0, 0]), page.object(&[to(map), 0, 0]));
        let cell_map = page.map_of("WeakCell", 9);
        let mut words = [to(cell_map), 0, 0, 0, 0, 0, 0, 0, 0];
        (words[target], words[target + 1], words[if target == 2 { 4 } else { 2 }]) =
            (to(watched), to(token), to(given));
        let cell = page.object(&words);
        let graph = graph(&page);
        let node = |address| node_at(&page, &graph, address);
        let of = |edge| self::target(&graph, node(cell), edge);
        assert_eq!(of("weak target"), Some(node(watched)), "Node {major}: {:?}", edges(&graph, node(cell)));
        assert_eq!((of("weak unregister_token"), of("hidden [1]")), (Some(node(token)), Some(node(given))));
    }
}

/// How many nodes edges lead to that are not weak.
fn held_from_root(graph: &Graph) -> usize {
    let mut seen = vec![false; graph.node_count()];
    let mut open = vec![graph.root()];
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut seen[node.row()], true) {
            let holds = |kind| kind != EdgeType::Weak && (kind != EdgeType::Shortcut || node == graph.root());
            open.extend(graph.edges(node).filter(|edge| holds(edge.kind)).map(|edge| edge.to));
        }
    }
    seen.iter().filter(|seen| **seen).count()
}

proptest! {
    /// Whatever is on a page, there is a graph of it, in which every object is held.
    #[test]
    fn any_page_has_a_graph(words in proptest::collection::vec(0u64..0x10_0000, 0..300), tags in proptest::collection::vec(0u64..6, 300), node in 0usize..4) {
        let mut page = Page::new(NODES[node]);
        let names = [
            "JSObject", "JSArray", "FixedArray", "JSWeakMap", "JSFunction", "ScopeInfo", "JSArrayBuffer", "JSGlobalObject", "AccessorPair", "PropertyCell", "DescriptorArray",
            "SharedFunctionInfo", "Symbol", "PropertyArray", "JSBoundFunction", "Script", "BytecodeArray", "FeedbackVector", "JSPromise", "JSProxy", "Map",
        ];
        let fixed = ["FixedArray", "ScopeInfo", "DescriptorArray", "PropertyArray", "BytecodeArray", "FeedbackVector"];
        let mut maps: Vec<u64> = names.iter().map(|name| page.map_of(name, u8::from(!fixed.contains(name)) * 6)).collect();
        let types = page.layout.types.clone();
        maps.extend([types.context.0, types.fixed_array + 1, types.fixed_array + 3, 0, 8, 32, types.big_int()].map(|kind| page.map(kind, 0)));
        maps.extend([33, 35, 37, 1, 3].map(|kind| page.map(kind, 4)));
        let first = page.next();
        for (word, tag) in words.iter().zip(&tags) {
            let at = *word as usize;
            page.object(&[match tag {
                0 | 1 => to(maps[at % maps.len()]),
                2 => smi(*word % 40),
                3 => to(first + word % (words.len() as u64) * 8),
                4 => to(first + word % (words.len() as u64) * 8) + 2,
                _ => *word << 20,
            }]);
        }
        // Maps are hostile as well: of their fields each is some word of the page.
        for (at, map) in maps.iter().enumerate() {
            for offset in [page.layout.map.prototype, page.layout.map.constructor_or_back_pointer, page.layout.map.instance_descriptors] {
                if let Some(word) = words.get(at + offset as usize) {
                    page.set(map + offset, to(first + word % (words.len() as u64) * 8));
                }
            }
            if let Some(word) = words.get(at) {
                page.set(map + page.layout.map.bit_field3, word << 8 & 0xffff_ffff);
            }
        }
        let graph = graph(&page);
        // Hostile entries of weak maps may hold in a ring, which readers hang from the root; they have to get through it.
        crate::heap::Dominators::compute(&graph);
        prop_assert_eq!(held_from_root(&graph), graph.node_count());
        prop_assert!(graph.edges(graph.root()).any(|edge| edge.kind == EdgeType::Element));
    }
}
