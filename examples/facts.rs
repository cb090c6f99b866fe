//! What leakhunt computes about every object of a snapshot, for a program that knows the truth from elsewhere: the
//! differential tests hold it against Chrome DevTools.
//!
//!     cargo run --example facts -- FILE            # one JSON document: columns with one entry for each object, and the classes
//!     cargo run --example facts -- BEFORE AFTER    # the difference of two snapshots

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use leakhunt::heap::{
    Dominators, Graph, NodeIdx, ShallowSizes, SnapshotError, class_histogram, class_retained, diff_graphs, read_file,
};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let told = match &files[..] {
        [file] => read(file).map(|graph| facts(&graph)),
        [before, after] => read(before).and_then(|before| Ok(json!(diff_graphs(&before, &read(after)?)))),
        _ => return fail("expected one snapshot, or two"),
    };
    match told {
        Ok(document) => {
            println!("{document}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("facts: {why}");
    ExitCode::from(2)
}

fn read(file: &str) -> Result<Graph, SnapshotError> {
    read_file(Path::new(file), &mut |_| ControlFlow::Continue(()))
}

fn facts(graph: &Graph) -> Value {
    let dominators = Dominators::compute(graph);
    let shallow = ShallowSizes::compute(graph);
    let column = |of: &dyn Fn(NodeIdx) -> u64| -> Vec<u64> { graph.nodes().map(of).collect() };
    json!({
        "ids": column(&|node| graph.id(node)),
        "selfBytes": column(&|node| graph.self_size(node).0),
        "shallowBytes": column(&|node| shallow.of(node).0),
        "retainedBytes": column(&|node| dominators.retained(node).0),
        // The root is its own, as in DevTools.
        "dominators": column(&|node| dominators.idom(node).unwrap_or(node).0.into()),
        "classNames": graph.nodes().map(|node| graph.class_name(node)).collect::<Vec<_>>(),
        "classes": classes(graph, &dominators, &shallow),
        "histogram": class_histogram(graph),
    })
}

/// Classes as DevTools lists them: what has no size of its own is not counted.
fn classes(graph: &Graph, dominators: &Dominators, shallow: &ShallowSizes) -> Vec<Value> {
    let retained = class_retained(graph, dominators, shallow);
    let mut tallies: FxHashMap<_, (u64, u64)> = FxHashMap::default();
    for node in graph.nodes().filter(|node| shallow.of(*node).0 > 0) {
        let (count, bytes) = tallies.entry(graph.class_key(node)).or_default();
        *count += 1;
        *bytes += shallow.of(node).0;
    }
    let row = |(class, (count, bytes))| {
        let retained = retained.get(&class).map_or(0, |bytes| bytes.0);
        json!({ "name": graph.class_text(class), "count": count, "shallowBytes": bytes, "retainedBytes": retained })
    };
    tallies.into_iter().map(row).collect()
}
