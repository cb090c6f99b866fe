//! Small heaps with known classes.

use super::*;
use crate::pages::builder::{NODES, Page, smi, to};

fn census(page: &Page) -> Census {
    let regions = page.regions();
    take_census(&regions, &page.layout, &[page.chunk()], Vec::new(), true)
}

fn count_of(census: &Census, kind: Kind, name: &str) -> u64 {
    census.classes.iter().filter(|class| class.kind == kind && class.name == name).map(|class| class.count).sum()
}

#[test]
fn objects_are_counted_by_the_function_that_made_them() {
    for major in NODES {
        let mut page = Page::new(major);
        let item = page.function("Item");
        let null = page.map_of("Oddball", 4);
        let map = page.class_map(item, null, 4);
        for _ in 0..3 {
            page.object(&[to(map), 0, 0, 0]);
        }
        let census = census(&page);
        let class = census.classes.iter().find(|class| class.name == "Item" && class.kind == Kind::Object).unwrap();
        assert_eq!((class.count, class.bytes), (3, 96), "Node {major}");
        assert_eq!(count_of(&census, Kind::Closure, "Item"), 1);
        assert_eq!(census.unnamed_bytes, 0);
        assert_eq!(census.total_bytes, page.next() - Page::START);
    }
}

#[test]
fn a_derived_class_is_named_by_its_prototype() {
    let mut page = Page::new(24);
    let (base, derived) = (page.function("Base"), page.function("Derived"));
    let key = page.text("constructor");
    let prototype = page.with_property(key, derived);
    let map = page.class_map(base, prototype, 3);
    // Made by `new Derived`, so not by the map's own constructor.
    page.set(map + 8, page.get(map + 8) & !(1 << 56));
    page.object(&[to(map), 0, 0]);
    let census = census(&page);
    assert_eq!(count_of(&census, Kind::Object, "Base"), 0);
    assert_eq!(count_of(&census, Kind::Object, "Derived"), 1, "the object, and not its prototype");
}

#[test]
fn a_tag_is_a_name() {
    let mut page = Page::new(26);
    let description = page.text("Symbol.toStringTag");
    let symbol_map = page.map_of("Symbol", 3);
    let symbol = page.object(&[to(symbol_map), 0, to(description)]);
    let tag = page.text("Tagged");
    page.with_property(symbol, tag);
    assert_eq!(count_of(&census(&page), Kind::Object, "Tagged"), 1);
}

#[test]
fn objects_without_a_name_are_of_their_type_and_loops_of_prototypes_end() {
    let mut page = Page::new(22);
    let map = page.map_of("JSRegExp", 3);
    let object = page.object(&[to(map), 0, 0]);
    page.set(map + page.layout.map.prototype, to(object));
    page.set(map + page.layout.map.constructor_or_back_pointer, to(map));
    assert_eq!(count_of(&census(&page), Kind::Object, "RegExp"), 1);
}

#[test]
fn read_only_pages_are_not_counted_but_their_maps_are_known() {
    let mut page = Page::new(20);
    page.function("f");
    let regions = page.regions();
    let read_only = Chunk { heap: 0, owner: 0, ..page.chunk() };
    let census = take_census(&regions, &page.layout, &[read_only], Vec::new(), true);
    assert_eq!((census.total_count, census.pages), (0, 0));
}

#[test]
fn what_is_counted_comes_through_json() {
    let mut page = Page::new(20);
    page.function("f");
    let census = census(&page);
    let text = serde_json::to_string(&census).unwrap();
    assert!(text.contains(r#""unnamedBytes":0"#), "{text}");
    assert_eq!(serde_json::from_str::<Census>(&text).unwrap(), census);
}

#[test]
fn of_very_many_classes_the_largest_and_the_most_numerous_are_told() {
    let class = |number: u64, count, bytes| ClassCount {
        name: number.to_string(),
        kind: Kind::Closure,
        location: None,
        count,
        bytes,
        owned_bytes: None,
    };
    let mut counts: Vec<ClassCount> = (0..3000).map(|number| class(number, 1, 10_000 - number)).collect();
    counts[2999].count = 50;
    let others = set_apart(&mut counts, 2000);
    assert_eq!((counts.len(), others.classes, others.count), (2000, 1000, 1000));
    assert_eq!(others.bytes, (1999..2999).map(|number| 10_000 - number).sum::<u64>());
    assert!(counts.iter().any(|class| class.name == "2999"), "small, but many");
    assert!(counts.is_sorted_by(|one, other| one.bytes >= other.bytes));
}

#[test]
fn what_belongs_to_an_object_alone_is_added_to_it_and_what_is_shared_to_none() {
    for major in NODES {
        let mut page = Page::new(major);
        let (ordinary, shared) = (page.map_of("FixedArray", 0), page.map_of("FixedArray", 0));
        let behind_read_only = page.next();
        let (map, properties_map) = (page.map_of("JSMap", 4), page.map_of("PropertyArray", 0));
        let elements = page.object(&[to(ordinary), smi(3), 0, 0, 0]);
        let of_a_literal = page.object(&[to(shared), smi(2), 0, 0]);
        let table = page.object(&[to(ordinary), smi(4), 0, 0, 0, 0]);
        // Behind a length of 1 stands the object's hash.
        let properties = page.object(&[to(properties_map), smi(7 << 10 | 1), 0]);
        page.object(&[to(map), to(properties), to(elements), to(table)]);
        page.object(&[to(map), smi(7), to(of_a_literal), to(0x1_0000)]);
        let buffer_map = page.map_of("JSArrayBuffer", 12);
        let edges = &page.layout.edges;
        let (length, store) = (edges.buffer_length.unwrap() / 8, edges.buffer_store.unwrap() / 8);
        for address in [0x5000, 0] {
            let mut words = vec![0; 12];
            words[0] = to(buffer_map);
            words[length as usize] = 4096;
            words[store as usize] = address;
            page.object(&words);
        }
        let read_only = Chunk { heap: 0, owner: 0, end: behind_read_only, ..page.chunk() };
        let chunks = [read_only, Chunk { start: behind_read_only, ..page.chunk() }];
        let census = take_census(&page.regions(), &page.layout, &chunks, Vec::new(), true);
        let owned = |name: &str| {
            // V8's own Maps are of the same name.
            let mut classes = census.classes.iter().filter(|class| class.kind != Kind::Shape);
            classes.find(|class| class.name == name).map(|class| (class.bytes, class.owned_bytes))
        };
        assert_eq!(owned("Map"), Some((64, Some(64 + 40 + 48 + 24))), "Node {major}");
        assert_eq!(owned("ArrayBuffer"), Some((192, Some(192 + 4096))), "Node {major}");
        assert_eq!(owned("FixedArray"), Some((120, Some(120))), "Node {major}");
    }
}

#[test]
fn a_shape_of_many_objects_is_a_class_and_one_of_few_is_none() {
    let mut page = Page::new(24);
    let (id, rare) = (page.text("id"), page.text("rare"));
    let first = page.with_property(id, id);
    let map = page.get(first);
    for _ in 1..FEWEST_OF_SHAPE {
        page.object(&[map, 0, 0, to(id)]);
    }
    page.with_property(rare, rare);
    let census = census(&page);
    assert_eq!(count_of(&census, Kind::Object, "Object {id}"), FEWEST_OF_SHAPE);
    assert_eq!(count_of(&census, Kind::Object, "Object"), 1);
    assert_eq!(census.classes.iter().map(|class| class.bytes).sum::<u64>(), census.total_bytes);
}
