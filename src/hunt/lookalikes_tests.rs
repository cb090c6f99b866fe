//! What grows and is no leak, and what cannot be told.

use super::heaps::{Program, judge};
use super::verdict::{Answer, Verdict};
use super::{Graphs, hunt};

fn assert_no_leak(verdict: &Verdict) {
    assert_eq!((verdict.verdict, verdict.suspects.len()), (Answer::NoLeak, 0), "{verdict:#?}");
}

#[test]
fn what_is_loaded_once_is_no_leak_and_is_mentioned() {
    let verdict = judge(&[0, 800, 800], |p, n| p.records("config", "LazyConfig", n));
    assert_no_leak(&verdict);
    let acquitted = &verdict.acquitted[0];
    assert_eq!((acquitted.class.as_str(), &acquitted.counts[..]), ("LazyConfig", &[0, 800, 800][..]));
    assert!(acquitted.reason.contains("loaded once"), "{}", acquitted.reason);
    assert_no_leak(&judge(&[0, 0, 5000], |p, n| p.records("config", "LazyConfig", n)));
}

#[test]
fn a_cache_that_levels_off_is_no_leak() {
    assert_no_leak(&judge(&[20, 950, 1000], |p, n| p.records("cache", "Entry", n)));
    assert_no_leak(&judge(&[0, 600, 950, 1000, 1000], |p, n| p.records("cache", "Entry", n)));
}

#[test]
fn a_ring_and_a_pool_that_breathes_are_no_leaks() {
    assert_no_leak(&judge(&[300, 300, 300], |p, n| p.records("ring", "LogRecord", n)));
    assert_no_leak(&judge(&[400, 900, 350, 800], |p, n| p.records("pool", "Connection", n)));
    assert_no_leak(&judge(&[900, 500, 200], |p, n| p.records("pool", "Connection", n)));
}

#[test]
fn sockets_of_a_load_that_goes_on_are_no_leak() {
    assert_no_leak(&judge(&[0, 20, 60], |p, n| p.records("clients", "Socket", n)));
}

#[test]
fn growth_that_slows_down_is_not_decided() {
    let verdict = judge(&[0, 800, 1000], |p, n| p.records("cache", "Entry", n));
    assert_eq!(verdict.verdict, Answer::Inconclusive);
    assert_eq!(verdict.suspects[0].class, "Entry");
    assert!(verdict.summary.contains("one more snapshot"), "{}", verdict.summary);
}

#[test]
fn code_that_is_loaded_is_no_leak_however_often() {
    let load = |p: &mut Program, n: usize, one_source: bool| {
        let exports = p.variable("exports", "Object");
        for i in 0..n {
            let getter = p.function("getter", if one_source { 2 } else { 2 + i as u32 }, p.scope);
            p.heap.edge(exports, crate::heap::EdgeType::Property, format!("name{i}").as_str(), getter);
        }
    };
    assert_no_leak(&judge(&[0, 300, 600], |p, n| load(p, n, false)));
    assert_eq!(judge(&[0, 300, 600], |p, n| load(p, n, true)).verdict, Answer::Leak);
}

#[test]
fn machinery_is_no_news() {
    let verdict = judge(&[0, 2000, 4000], |p, n| {
        use crate::heap::{EdgeType, NodeType};
        for (kind, name) in [
            (NodeType::Code, "(code)"),
            (NodeType::ObjectShape, "system / Map"),
            (NodeType::Hidden, "system / Foreign"),
        ] {
            for i in 0..n {
                let node = p.heap.node(kind, name, 64);
                p.heap.edge(p.scope, EdgeType::Internal, i.to_string().as_str(), node);
            }
        }
        // Names in source that V8 keeps in a table of its own.
        let table = p.heap.node(NodeType::Synthetic, "(Internalized strings)", 0);
        p.heap.edge(p.heap.root(), EdgeType::Element, 9, table);
        for i in 0..n {
            let text = p.heap.node(NodeType::String, "name", 24);
            p.heap.edge(table, EdgeType::Internal, i.to_string().as_str(), text);
        }
    });
    assert_no_leak(&verdict);
}

#[test]
fn one_snapshot_tells_what_is_large_and_no_more() {
    let verdict = judge(&[3000], |p, n| p.records("logs", "RequestLog", n));
    assert_eq!((verdict.verdict, verdict.suspects.len()), (Answer::Inconclusive, 0));
    assert!(verdict.largest.iter().any(|l| l.class == "RequestLog" && l.count == 3000), "{:#?}", verdict.largest);
}

#[test]
fn two_snapshots_suspect_and_do_not_accuse() {
    for numbers in [[100, 3000], [0, 800]] {
        let verdict = judge(&numbers, |p, n| p.records("logs", "RequestLog", n));
        let [suspect] = &verdict.suspects[..] else { panic!("{verdict:#?}") };
        assert_eq!((verdict.verdict, &*suspect.class), (Answer::Inconclusive, "RequestLog"));
        assert!(suspect.evidence.iter().any(|fact| fact.contains("two snapshots")), "{:#?}", suspect.evidence);
    }
}

#[test]
fn snapshots_of_different_programs_are_not_compared() {
    let graphs = ["/app/server.js", "/other/worker.js"].map(|script| {
        let mut p = Program::of_script(script, 1);
        p.records("logs", "RequestLog", if script.contains("other") { 4000 } else { 10 });
        (script.to_string(), p.build())
    });
    let Ok(verdict) = hunt(&mut Graphs::new(graphs), &[]);
    assert_eq!(verdict.verdict, Answer::Inconclusive);
    assert!(verdict.summary.contains("different programs"), "{}", verdict.summary);
}

#[test]
fn the_document_reads_back_as_it_was_written() {
    let verdict = judge(&[50, 3000, 6000], |p, n| p.records("logs", "RequestLog", n));
    let text = serde_json::to_string(&verdict).unwrap();
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    for field in [
        "\"verdict\":\"leak\"",
        "\"cause\":\"collection\"",
        "\"growthPerSnapshot\":2975",
        "\"shallowBytes\":",
        "\"wouldRefute\":",
        "\"unnamedFunctions\":{\"leakingClosures\":0",
    ] {
        assert!(text.contains(field), "{field} in {text}");
    }
}
