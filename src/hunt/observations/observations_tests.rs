//! Each rule with what it should find, what it should not, and what only looks like it, in heaps made by hand.

use super::*;
use crate::heap::EdgeType::{Context, Element, Internal, Weak};
use crate::hunt::heaps::Program;
use crate::hunt::{Graphs, hunt};

/// The observations of one snapshot.
fn seen(program: impl Fn(&mut Program)) -> Vec<Observation> {
    trends(&[1], |p, _| program(p))
}

fn trends(numbers: &[usize], program: impl Fn(&mut Program, usize)) -> Vec<Observation> {
    let verdict = crate::hunt::heaps::judge(numbers, program);
    verdict.observations
}

fn only(found: &[Observation]) -> &Observation {
    let [one] = found else { panic!("{found:#?}") };
    one
}

/// `count` strings in an array in the variable `name`, each of `size` bytes.
fn strings(p: &mut Program, name: &str, count: usize, size: u64, text: impl Fn(usize) -> String) {
    let array = p.variable(name, "Array");
    let store = p.store(array, "elements", count);
    for index in 0..count {
        let string = p.heap.node(NodeType::String, &text(index), size);
        p.push(array, store, index, string);
    }
}

/// `count` slices in the variable `parts`, so many of each of the parents, which are of `size` bytes.
fn slices(p: &mut Program, count: usize, of_each: usize, size: u64) -> Vec<NodeIdx> {
    let array = p.variable("parts", "Array");
    let store = p.store(array, "elements", count);
    let mut parents = Vec::new();
    for index in 0..count {
        if index % of_each == 0 {
            parents.push(p.heap.node(NodeType::String, "a long message", size));
        }
        let slice = p.heap.node(NodeType::SlicedString, "(sliced string)", 32);
        p.heap.edge(slice, Internal, "parent", parents[parents.len() - 1]);
        p.push(array, store, index, slice);
    }
    parents
}

#[test]
fn one_text_many_times_is_told_and_many_texts_are_not() {
    let found = seen(|p| strings(p, "cities", 20_000, 64, |i| format!("a city of the country {}", i % 2)));
    let cities = only(&found);
    assert_eq!(cities.kind, "duplicate-strings");
    assert_eq!((cities.count, cities.bytes, cities.wasted_bytes), (20_000, 1_280_000, 1_280_000 - 128));
    assert_eq!(cities.examples.len(), 2);
    assert_eq!(cities.examples[0].holder, Holder { class: "Array".into(), name: Some("cities".into()) });
    assert_eq!(cities.examples[0].text.as_deref(), Some("a city of the country 0"));
    assert_eq!(cities.growth, None);
    assert!(cities.summary.contains("20,000 strings are copies of 2 texts"), "{}", cities.summary);
    assert_eq!(seen(|p| strings(p, "names", 20_000, 64, |i| format!("the name of somebody, number {i}"))), []);
}

#[test]
fn texts_that_somebody_else_took_out_are_not_equal() {
    // Another tool's redaction: one text for strings of every length.
    assert_eq!(
        seen(|p| (0..40).for_each(|i| strings(p, &format!("v{i}"), 500, 24 + 80 * i, |_| "***".to_string()))),
        []
    );
    // Ours: the length and the hash say what is equal.
    let found = seen(|p| strings(p, "texts", 20_000, 100, |i| format!("[80 chars #{:016x}]", i % 10)));
    assert_eq!(only(&found).examples[0].text.as_deref(), Some("[80 chars #0000000000000000]"));
    assert_eq!(seen(|p| strings(p, "texts", 20_000, 100, |i| format!("[80 chars #{i:016x}]"))), []);
}

#[test]
fn a_huge_string_is_told_once_whatever_it_is_made_of() {
    let pieces = |p: &mut Program, count: usize, size: u64| {
        let mut whole = p.heap.node(NodeType::String, "start", size);
        for i in 0..count {
            let pair = p.heap.node(NodeType::ConsString, "(concatenated string)", 32);
            let piece = p.heap.node(NodeType::String, &format!("piece {i}"), size);
            p.heap.edge(pair, Internal, "first", whole);
            p.heap.edge(pair, Internal, "second", piece);
            whole = pair;
        }
        let scope = p.scope;
        p.heap.edge(scope, Context, "page", whole);
    };
    let found = seen(|p| strings(p, "bodies", 3, 1 << 20, |i| format!("body {i}")));
    assert_eq!((found[0].kind.as_str(), only(&found).count, found[0].bytes), ("huge-string", 3, 3 << 20));
    let found = seen(|p| pieces(p, 20_000, 64));
    assert_eq!((found[0].kind.as_str(), only(&found).count), ("huge-string", 1));
    assert!(found[0].bytes > 20_000 * 96 && found[0].examples[0].holder.name.as_deref() == Some("page"));
    assert_eq!(seen(|p| pieces(p, 5_000, 64)), []);
    // A piece that is huge by itself.
    assert_eq!(only(&seen(|p| pieces(p, 1, 2 << 20))).count, 1);
    // The text of a script, and many small texts.
    assert_eq!(
        seen(|p| {
            let script = p.heap.node(NodeType::Code, "/app/bundle.js", 64);
            let text = p.heap.node(NodeType::String, "'use strict'", 4 << 20);
            let scope = p.scope;
            p.heap.edge(scope, Internal, "script", script);
            p.heap.edge(script, Internal, "source", text);
            // Put together by a loader, and read since: the first half has it all.
            let whole = p.heap.node(NodeType::String, "'use strict'", 4 << 20);
            let pair = p.heap.node(NodeType::ConsString, "(concatenated string)", 32);
            p.heap.edge(script, Internal, "source", pair);
            p.heap.edge(pair, Internal, "first", whole);
        }),
        []
    );
    assert_eq!(seen(|p| strings(p, "names", 4000, 1000, |i| format!("name {i}"))), []);
}

#[test]
fn a_whole_that_only_a_few_slices_keep_is_told() {
    let found = seen(|p| {
        slices(p, 100, 2, 40_000);
    });
    let whole = only(&found);
    assert_eq!((whole.kind.as_str(), whole.count, whole.bytes), ("sliced-parent", 50, 2_000_000));
    assert_eq!((whole.examples[0].count, whole.examples[0].class.as_str()), (2, "(string)"));
    assert_eq!(whole.examples[0].holder.name.as_deref(), Some("parts"));
    // Used by itself too; cut into many parts; short; few.
    let used = |p: &mut Program| {
        for parent in slices(p, 100, 2, 40_000) {
            let scope = p.scope;
            p.heap.edge(scope, Context, "message", parent);
        }
    };
    assert_eq!(seen(used), []);
    for (count, of_each, size) in [(1000, 20, 40_000), (2000, 1, 1000), (20, 1, 40_000)] {
        let found = seen(|p| {
            slices(p, count, of_each, size);
        });
        assert_eq!(found, [], "{count} {of_each} {size}");
    }
    // What only touches it weakly does not use it.
    let touched = seen(|p| {
        for parent in slices(p, 100, 2, 40_000) {
            let scope = p.scope;
            p.heap.edge(scope, Weak, "seen", parent);
        }
    });
    assert_eq!(only(&touched).count, 50);
}

/// Pieces of `size` bytes, `views` Buffers on each; the first piece is the pool in use.
fn pool(p: &mut Program, pieces: usize, views: usize, size: u64, is_pool: bool) {
    let shape = p.heap.node(NodeType::ObjectShape, "system / Map", 72);
    let array = p.variable("kept", "Array");
    let store = p.store(array, "elements", pieces * views);
    for piece in 0..pieces {
        let buffer = p.object("ArrayBuffer");
        let memory = p.heap.node(NodeType::Native, "system / JSArrayBufferData", size);
        p.heap.edge(buffer, Internal, "backing_store", memory);
        p.heap.edge(buffer, Internal, "map", shape);
        if piece == 0 && is_pool {
            let scope = p.scope;
            p.heap.edge(scope, Context, "allocPool", buffer);
        }
        for view in 0..views {
            let object = p.object("Buffer");
            p.heap.edge(object, Internal, "buffer", buffer);
            p.push(array, store, piece * views + view, object);
        }
    }
}

#[test]
fn a_small_buffer_that_keeps_its_piece_of_the_pool_is_told() {
    let found = seen(|p| pool(p, 401, 1, 8192, true));
    let small = only(&found);
    assert_eq!((small.kind.as_str(), small.count, small.wasted_bytes), ("small-view", 400, 400 * 4096));
    assert_eq!(small.examples[0].class, "Buffer");
    assert_eq!(small.examples[0].holder.name.as_deref(), Some("kept"));
    // Buffers of their own memory; pieces that are well used; few.
    assert_eq!(seen(|p| pool(p, 401, 1, 8192, false)), []);
    assert_eq!(seen(|p| pool(p, 401, 3, 8192, true)), []);
    assert_eq!(seen(|p| pool(p, 100, 1, 8192, true)), []);
    // As large as the pool, and of another shape: a Buffer that was asked for at that size.
    let asked_for = seen(|p| {
        pool(p, 1, 1, 8192, true);
        pool(p, 401, 1, 8192, false);
    });
    assert_eq!(asked_for, []);
}

#[test]
fn thousands_of_closures_with_scopes_of_their_own_are_told() {
    let closures = |p: &mut Program, count: usize, own_scopes: bool, script: &str| {
        let array = p.variable("handlers", "Array");
        let store = p.store(array, "elements", count);
        let mut scope = p.context();
        for index in 0..count {
            if own_scopes {
                scope = p.context();
            }
            let closure = p.function(script, 33, scope);
            p.push(array, store, index, closure);
        }
    };
    let found = seen(|p| closures(p, 6000, true, "onReply"));
    let alike = only(&found);
    assert_eq!((alike.kind.as_str(), alike.count, alike.bytes), ("similar-closures", 6000, 6000 * 104));
    let location = alike.examples[0].location.as_ref().unwrap();
    assert_eq!((location.function.as_str(), location.line), ("onReply", 33));
    assert_eq!(alike.examples[0].holder.name.as_deref(), Some("handlers"));
    assert_eq!(seen(|p| closures(p, 6000, false, "onReply")), []);
    assert_eq!(seen(|p| closures(p, 1000, true, "onReply")), []);
}

#[test]
fn nodes_own_closures_are_no_business_of_the_programs() {
    let mut p = Program::of_script("node:internal/timers", 1);
    let array = p.variable("handlers", "Array");
    for index in 0..6000 {
        let scope = p.context();
        let closure = p.function("tick", 33, scope);
        p.heap.edge(array, Element, index, closure);
    }
    let Ok(verdict) = hunt(&mut Graphs::new([("a".to_string(), p.build())]), &[]);
    assert_eq!(verdict.observations, []);
}

#[test]
fn contexts_that_only_their_own_functions_keep_are_told() {
    let contexts = |p: &mut Program, count: usize, used: bool| {
        let kept = p.variable("results", "Array");
        for index in 0..count {
            let context = p.heap.node(NodeType::Hidden, "system / NativeContext", 2000);
            let global = p.object("Object");
            p.heap.edge(context, Internal, "global_proxy_object", global);
            let function = p.heap.node(NodeType::Closure, "result", 64);
            p.heap.edge(function, Internal, "context", context);
            p.heap.edge(kept, Element, 2 * index as u32, function);
            if used {
                p.heap.edge(kept, Element, 2 * index as u32 + 1, global);
            }
        }
    };
    let found = seen(|p| contexts(p, 5, false));
    let left = only(&found);
    assert_eq!((left.kind.as_str(), left.count, left.bytes), ("detached-context", 5, 5 * 2032));
    assert_eq!(left.examples[0].class, "system / NativeContext");
    assert_eq!(seen(|p| contexts(p, 5, true)), []);
    assert_eq!(seen(|p| contexts(p, 2, false)), []);
}

#[test]
fn what_grows_says_so_and_the_verdict_is_the_same() {
    let contexts = |p: &mut Program, count: usize| {
        strings(p, "texts", 20_000 * count, 64, |_| "the same text each time".into());
    };
    let found = trends(&[1, 2, 3], contexts);
    let trend = only(&found).growth.clone().unwrap();
    assert_eq!((trend.counts, trend.grows), (vec![20_000, 40_000, 60_000], true));
    let found = trends(&[2, 2, 2], contexts);
    assert!(!only(&found).growth.as_ref().unwrap().grows);
    let calm = crate::hunt::heaps::judge(&[2, 2, 2], contexts);
    assert_eq!(calm.verdict, crate::hunt::verdict::Answer::NoLeak);
}

#[test]
fn an_analysis_that_is_over_looks_for_nobody() {
    let mut p = Program::new(1);
    strings(&mut p, "texts", 20_000, 64, |_| "the same text each time".into());
    let graph = p.build();
    let tree = crate::hunt::descent::Tree::of(&graph);
    let at = Look::at(&graph, &tree, Findings::of(&graph));
    let holders = OnceCell::new();
    assert_eq!(tell(&[], look(&at), &graph, &holders, &|| true)[0].examples, []);
    assert_eq!(tell(&[], look(&at), &graph, &holders, &|| false)[0].examples.len(), 1);
}
