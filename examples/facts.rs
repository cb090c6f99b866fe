//! What leakhunt computes about every object of a snapshot, for a program that knows the truth from elsewhere: the
//! differential tests hold it against Chrome DevTools.
//!
//!     cargo run --example facts -- FILE            # one JSON document: columns with one entry for each object, and the classes
//!     cargo run --example facts -- BEFORE AFTER    # the difference of two snapshots

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use leakhunt::heap::{
    ClassSummary, Dominators, DuplicateString, Graph, NodeIdx, ShallowSizes, SnapshotError, class_histogram,
    class_summary, detached_natives, diff_graphs, duplicate_strings, read_file, string_text,
};
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
        "detached": detached_natives(graph).iter().map(|&node| graph.id(node)).collect::<Vec<_>>(),
        "duplicates": duplicates(graph, &shallow),
    })
}

/// Classes as DevTools lists them.
fn classes(graph: &Graph, dominators: &Dominators, shallow: &ShallowSizes) -> Vec<Value> {
    let rows = class_summary(graph, dominators, &dominators.children(), shallow);
    let told = |row: &ClassSummary| {
        json!({
            "name": graph.class_text(row.class),
            "count": row.count,
            "shallowBytes": row.shallow,
            "retainedBytes": row.retained,
        })
    };
    rows.iter().map(told).collect()
}

/// Texts of which there is more than one string.
fn duplicates(graph: &Graph, shallow: &ShallowSizes) -> Vec<Value> {
    let told = |row: &DuplicateString| json!({ "text": string_text(graph, row.example), "count": row.count, "shallowBytes": row.shallow });
    duplicate_strings(graph, shallow).iter().map(told).collect()
}
