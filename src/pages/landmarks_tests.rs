//! A planting built by hand, and everything that may be wrong with it.

use super::*;
use crate::heap::GraphBuilder;

/// What is built otherwise than it should be.
#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    /// This way leads to another object.
    way: Option<usize>,
    outside: bool,
    getter: bool,
    weak_ref: bool,
    buffer: bool,
    view: bool,
    one_more: bool,
    no_root: bool,
}

fn plant(heap: &mut GraphBuilder, wrong: Wrong) {
    let object = |heap: &mut GraphBuilder, name: &str| heap.node(NodeType::Object, name, 24);
    let landmark = |heap: &mut GraphBuilder| object(heap, LANDMARK);
    let root = object(heap, if wrong.no_root { "Landmarks" } else { ROOT });
    heap.edge(heap.root(), EdgeType::Property, "landmarks", root);
    let mut inside = None;
    for (at, (_, way)) in WAYS.iter().enumerate() {
        let mut from = root;
        for (depth, step) in way.iter().enumerate() {
            let is_last = depth + 1 == way.len();
            let to = match step {
                _ if is_last && wrong.way == Some(at) => object(heap, "Object"),
                _ if is_last => landmark(heap),
                Property("closure") => heap.node(NodeType::Closure, FUNCTION, 64),
                _ => object(heap, "Object"),
            };
            match step {
                Property("closure") => {
                    heap.edge(from, EdgeType::Property, "closure", to);
                    let other = heap.node(NodeType::Closure, FUNCTION, 64);
                    heap.edge(from, EdgeType::Property, "get accessor", if wrong.getter { other } else { to });
                }
                Property(name) => heap.edge(from, EdgeType::Property, *name, to),
                Internal(name) => heap.edge(from, EdgeType::Internal, *name, to),
                Variable(name) => heap.edge(from, EdgeType::Context, *name, to),
                Element(index) => heap.edge(from, EdgeType::Element, *index, to),
                Any => heap.edge(from, EdgeType::Internal, "4", to),
            }
            from = to;
        }
        inside = inside.or(Some(from));
    }
    for at in 1..=OUTSIDE {
        let to = if wrong.outside && at == 7 { inside.unwrap() } else { landmark(heap) };
        heap.edge(root, EdgeType::Property, format!("outside{at}").as_str(), to);
    }
    if wrong.outside || wrong.one_more {
        landmark(heap);
    }
    let weak_ref = object(heap, "WeakRef");
    heap.edge(root, EdgeType::Property, "weakRef", weak_ref);
    let kind = if wrong.weak_ref { EdgeType::Internal } else { EdgeType::Weak };
    heap.edge(weak_ref, kind, "target", inside.unwrap());
    let bytes = if wrong.buffer { 8 } else { BUFFER_BYTES };
    for (name, inner, size) in [("buffer", "backing_store", bytes), ("doubles", "elements", DOUBLES_BYTES)] {
        let holder = object(heap, "Array");
        let store = heap.node(NodeType::Array, "", size);
        heap.edge(root, EdgeType::Property, name, holder);
        heap.edge(holder, EdgeType::Internal, inner, store);
        if name == "buffer" && !wrong.view {
            let view = object(heap, "Uint8Array");
            heap.edge(root, EdgeType::Property, "view", view);
            heap.edge(view, EdgeType::Internal, "buffer", holder);
        }
    }
}

fn checked(plantings: &[Wrong]) -> Result<(), String> {
    let mut heap = GraphBuilder::new();
    plantings.iter().for_each(|wrong| plant(&mut heap, *wrong));
    check_graph(&heap.build())
}

#[test]
fn every_planting_that_is_as_it_was_planted_is_believed() {
    assert_eq!(checked(&[Wrong::default()]), Ok(()));
    assert_eq!(checked(&[Wrong::default(); 3]), Ok(()), "loaded three times");
}

#[test]
fn whatever_is_wrong_is_told() {
    let right = Wrong::default();
    let cases = [
        (Wrong { no_root: true, ..right }, "the LeakhuntLandmarks that leakhunt has planted is not in the graph"),
        (Wrong { one_more: true, ..right }, "55 of 54 planted LeakhuntLandmark are in the graph"),
        (Wrong { outside: true, ..right }, "53 of 54 planted objects are held where they should be"),
        (Wrong { getter: true, ..right }, "a planted getter is not the function that it is"),
        (Wrong { weak_ref: true, ..right }, "the target of a planted WeakRef is not held weakly"),
        (Wrong { view: true, ..right }, "the memory of a view that was planted has 4096 bytes, and nothing was read"),
        (Wrong { buffer: true, ..right }, "a buffer's memory that was planted has 4096 bytes, and 8 bytes was read"),
    ];
    for (wrong, words) in cases {
        assert_eq!(checked(&[wrong]), Err(words.to_owned()), "{wrong:?}");
    }
    // The first of two being right makes the second no better.
    assert!(checked(&[right, Wrong { getter: true, ..right }]).is_err());
    for (at, (way, _)) in WAYS.iter().enumerate() {
        let words = checked(&[Wrong { way: Some(at), one_more: true, ..right }]).unwrap_err();
        assert_eq!(words, format!("{way} does not lead to what was planted"));
    }
}

#[test]
fn counts_have_to_be_those_of_the_plantings() {
    let class = |kind, name: &str, count| ClassCount {
        name: name.to_owned(),
        kind,
        location: None,
        count,
        bytes: 0,
        owned_bytes: None,
    };
    let counts = |roots: u64, landmarks, functions| {
        vec![
            class(Kind::Object, ROOT, roots),
            class(Kind::Object, LANDMARK, landmarks),
            class(Kind::Object, MAP, roots),
            // One class at two places.
            class(Kind::Closure, FUNCTION, functions),
            class(Kind::Closure, FUNCTION, roots - functions),
        ]
    };
    assert_eq!(check_counts(&counts(1, 54, 1)), Ok(()));
    assert_eq!(check_counts(&counts(2, 108, 1)), Ok(()));
    assert_eq!(check_counts(&counts(1, 53, 1)), Err("53 of 54 planted LeakhuntLandmark were counted".to_owned()));
    assert_eq!(check_counts(&counts(2, 54, 1)), Err("54 of 108 planted LeakhuntLandmark were counted".to_owned()));
    assert!(check_counts(&[]).unwrap_err().contains("is not among the classes"));
}
