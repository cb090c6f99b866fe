//! How time grows with a file: four times the size must not take sixteen times as long.

use std::fmt::Write;
use std::time::{Duration, Instant};

use leakhunt::heap::{EdgeType, GraphBuilder, NodeIdx, NodeType, write_snapshot};
use leakhunt::hunt::verdict::SnapshotFacts;
use leakhunt::hunt::{Graphs, hunt, retainers};
use leakhunt::report::text;

use super::{alone, entries, snapshot};

/// Between linear, with all that caches do to it, and quadratic.
const MOST: f64 = 10.0;

/// A machine that has much else to do makes single figures worthless; quadratic time shows every time.
fn grows_linearly(what: &str, size: usize, mut time: impl FnMut(usize) -> Duration) {
    let mut ratios = Vec::new();
    for _ in 0..8 {
        ratios.push(time(4 * size).div_duration_f64(time(size)));
        if ratios.last() < Some(&MOST) {
            return;
        }
    }
    panic!("{what}: four times the size took {ratios:?} times as long");
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// A snapshot with that many of something.
type Text = fn(usize) -> String;

#[test]
fn reading_takes_no_quadratic_time() {
    let _alone = alone();
    // Each with what a reader could stumble over again and again.
    let texts: [(&str, Text); 5] = [
        ("many strings", |n| snapshot("0,0,1,0,0", "", &vec!["\"<a b>\""; n].join(","))),
        ("escapes", |n| snapshot("0,0,1,0,0", "", &format!("\"{}\"", "\\u00e9\\\\".repeat(n)))),
        ("long names that are weak map entries", |n| {
            let entry = |i| format!("\"{i} / part of key (A @1) -> value (B @2) pair in WeakMap (table @{i})\"");
            snapshot("0,0,1,0,0", "", &(0..n).map(entry).collect::<Vec<_>>().join(","))
        }),
        ("wide numbers", |n| snapshot(&vec!["0,0,9007199254740993,1,0"; n].join(","), "", "\"\"")),
        ("edges of one node to one node", |n| {
            snapshot(&format!("0,0,1,1,{n},0,0,3,1,0"), &vec!["0,7,5"; n].join(","), "\"\"")
        }),
    ];
    for (what, text) in texts {
        grows_linearly(what, 20_000, |n| {
            let text = [b"\xff", text(n).as_bytes()].concat();
            timed(|| entries::reader(&text))
        });
    }
}

/// A heap of many suspects, each of them hard to find a way from: what piles up is held through a lattice that all of the heap
/// takes part in.
fn lattice(size: usize, moment: usize) -> leakhunt::heap::Graph {
    let mut heap = GraphBuilder::new();
    let mut row: Vec<NodeIdx> = (0..4).map(|_| heap.node(NodeType::Object, "Top", 8)).collect();
    row.iter().for_each(|&top| heap.edge(heap.root(), EdgeType::Element, 0, top));
    let mut name = String::new();
    for level in 0..size / 4 {
        let below: Vec<NodeIdx> = (0..4).map(|_| heap.node(NodeType::Object, "Node", 8)).collect();
        for (&from, &to) in row.iter().flat_map(|from| below.iter().map(move |to| (from, to))) {
            heap.edge(from, EdgeType::Property, "x", to);
        }
        row = below;
        if level % (size / 4 / 50).max(1) == 0 {
            name.clear();
            write!(name, "Kind{level}").expect("a String takes all text");
            for index in 0..200 * (moment + 1) as u32 {
                let thing = heap.node(NodeType::Object, &name, 64);
                row.iter().for_each(|&holder| heap.edge(holder, EdgeType::Element, index, thing));
            }
        }
    }
    heap.build()
}

#[test]
fn hunting_takes_no_quadratic_time() {
    let _alone = alone();
    grows_linearly("a lattice", 8_000, |n| {
        let graphs: Vec<_> = (0..3).map(|moment| (moment.to_string(), lattice(n, moment))).collect();
        timed(|| {
            let Ok(verdict) = hunt(&mut Graphs::new(graphs), &[]);
            assert!(!verdict.suspects.is_empty());
            text::verdict(&verdict, 80, false);
        })
    });
}

#[test]
fn retainers_of_a_long_way_are_shown_in_few_lines() {
    let _alone = alone();
    grows_linearly("a long way", 20_000, |n| {
        let mut heap = GraphBuilder::new();
        let mut last = heap.root();
        // Two classes in turn, so that no two neighbours are alike.
        for link in 0..n {
            let next = heap.node(NodeType::Object, ["Odd", "Even"][link % 2], 8);
            heap.edge(last, EdgeType::Property, ["even", "odd"][link % 2], next);
            last = next;
        }
        let end = heap.node(NodeType::Object, "End", 8);
        heap.edge(last, EdgeType::Property, "end", end);
        let graph = heap.build();
        let mut text = Vec::new();
        write_snapshot(&graph, &mut text).expect("memory takes all text");
        timed(|| {
            let held = retainers::held(&graph, SnapshotFacts::of("x".as_ref(), &graph), "End").expect("it is there");
            let shown = text::retainers(&held, 80, false);
            assert!(shown.lines().count() < 100, "{} lines", shown.lines().count());
            assert!(held.example.path.len() < 1000, "{} steps", held.example.path.len());
        })
    });
}
