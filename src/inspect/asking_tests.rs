//! Questions about a small heap, with a little of everything.

use super::*;
use crate::heap::{Attachment, EdgeType, GraphBuilder, NodeType};
use serde_json::{Value, json};

/// ```text
/// global > bus (Bus) > handlers [onTick, onTick, onTick] > scope { session: Session } > outer scope { limit: "text" }
/// global > config { host, port } and defaults { host, port }; global > cache { key } and a copy of its text
/// ```
fn heap() -> Inspection {
    let mut heap = GraphBuilder::new();
    let root = heap.root();
    let global = heap.node(NodeType::Object, "global", 8);
    heap.edge(root, EdgeType::Shortcut, "global", global);
    let bus = heap.node(NodeType::Object, "Bus", 16);
    heap.edge(global, EdgeType::Property, "bus", bus);
    let outer = heap.node(NodeType::Object, "system / Context", 24);
    let limit = heap.node(NodeType::String, "the same text", 32);
    heap.edge(outer, EdgeType::Context, "limit", limit);
    for size in [100, 300, 200] {
        let on_tick = heap.node(NodeType::Closure, "onTick", 64);
        let scope = heap.node(NodeType::Object, "system / Context", 24);
        let session = heap.node(NodeType::Object, "Session", size);
        heap.edge(bus, EdgeType::Property, "handler", on_tick);
        heap.edge(on_tick, EdgeType::Internal, "context", scope);
        heap.edge(scope, EdgeType::Context, "session", session);
        heap.edge(scope, EdgeType::Internal, "previous", outer);
        heap.edge(session, EdgeType::Weak, "last", bus);
    }
    let text = heap.node(NodeType::String, "the same text", 40);
    for name in ["config", "defaults"] {
        let object = heap.node(NodeType::Object, "Object", 56);
        heap.edge(global, EdgeType::Property, name, object);
        heap.edge(object, EdgeType::Property, "host", text);
        heap.edge(object, EdgeType::Property, "port", text);
    }
    let lost = heap.node(NodeType::Native, "Node / Binding", 72);
    heap.edge(global, EdgeType::Property, "binding", lost);
    heap.attach(lost, Attachment::Detached);
    let context = heap.node(NodeType::Hidden, "system / NativeContext", 500);
    let proxy = heap.node(NodeType::Object, "global (other)", 8);
    heap.edge(outer, EdgeType::Context, "realm", context);
    heap.edge(context, EdgeType::Internal, "global_proxy_object", proxy);
    let garbage = heap.node(NodeType::Object, "Garbage", 9);
    heap.edge(global, EdgeType::Weak, "ref", garbage);
    let graph = heap.build();
    let (tree, sizes) = (Tree::of(&graph), ShallowSizes::compute(&graph));
    Inspection::of(Path::new("a.heapsnapshot"), graph, tree, sizes)
}

fn ask(heap: &Inspection, question: Value) -> Result<Value, InspectError> {
    let question = Question::from_json(&question.to_string()).expect("a good question");
    let answer = heap.ask(question.clone(), &Aborted::default())?;
    let document = serde_json::to_string(&answer).unwrap();
    // What the text is made of must be what the answer was.
    assert_eq!(serde_json::from_str::<Answer>(&document).unwrap(), answer, "{question:?}");
    Ok(serde_json::from_str(&document).unwrap())
}

/// The id of the first object of a class.
fn id_of(heap: &Inspection, class: &str) -> Value {
    ask(heap, json!({"question": "instances", "class": class})).unwrap()["rows"][0]["id"].clone()
}

fn column<'v>(answer: &'v Value, name: &str) -> Vec<&'v Value> {
    answer["rows"].as_array().expect("rows").iter().map(|row| &row[name]).collect()
}

#[test]
fn a_summary_counts_what_there_is() {
    let summary = ask(&heap(), json!({"question": "summary"})).unwrap();
    assert_eq!(summary["question"], "summary");
    assert_eq!(summary["snapshot"]["nodes"], 21);
    assert_eq!([&summary["unreachable"], &summary["unreachableBytes"]], [1, 9]);
    assert_eq!([&summary["contexts"], &summary["detachedContexts"], &summary["detachedNatives"]], [1, 1, 1]);
}

#[test]
fn classes_are_listed_filtered_sorted_and_paged() {
    let heap = heap();
    let sessions = ask(&heap, json!({"question": "classes", "filter": "SESS"})).unwrap();
    assert_eq!(
        sessions,
        json!({"question": "classes", "total": 1, "offset": 0, "rows":
            [{"class": "Session", "count": 3, "shallowBytes": 600, "retainedBytes": 600}]})
    );
    let by_count = ask(&heap, json!({"question": "classes", "sort": "count", "offset": 1, "limit": 2})).unwrap();
    assert_eq!([&by_count["total"], &by_count["offset"]], [10, 1]);
    assert_eq!(column(&by_count, "count"), [3, 3]);
    let names = ask(&heap, json!({"question": "classes", "sort": "name", "limit": 3})).unwrap();
    assert_eq!(column(&names, "class"), ["(string)", "Bus", "Function"]);
}

#[test]
fn shapes_and_strings_are_groups() {
    let heap = heap();
    let shapes = ask(&heap, json!({"question": "shapes"})).unwrap();
    assert_eq!(
        shapes["rows"],
        json!([{"shape": "{host, port}", "count": 2, "shallowBytes": 112, "retainedBytes": 112}])
    );
    let twice = ask(&heap, json!({"question": "strings", "duplicates": true})).unwrap();
    assert_eq!([&twice["rows"][0]["count"], &twice["rows"][0]["wastedBytes"]], [2, 32]);
    let all = ask(&heap, json!({"question": "strings", "filter": "Same"})).unwrap();
    assert_eq!(column(&all, "shallowBytes"), [40, 32]);
    let of_shape = ask(&heap, json!({"question": "instances", "class": "{host, port}"})).unwrap();
    assert_eq!([&of_shape["total"], &of_shape["rows"][0]["name"]], [&json!(2), &json!("{host, port}")]);
}

#[test]
fn instances_come_with_the_one_that_retains_most_first() {
    let heap = heap();
    let sessions = ask(&heap, json!({"question": "instances", "class": "Session", "limit": 2})).unwrap();
    assert_eq!([&sessions["total"], &sessions["shallowBytes"]], [3, 600]);
    assert_eq!(column(&sessions, "retainedBytes"), [300, 200]);
    let functions = ask(&heap, json!({"question": "instances", "class": "Function", "filter": "ontick"})).unwrap();
    assert_eq!(functions["total"], 3);
    let none = ask(&heap, json!({"question": "instances", "class": "Function", "filter": "x"})).unwrap();
    assert_eq!([&none["total"], &none["rows"]], [&json!(0), &json!([])]);
    assert_eq!(
        ask(&heap, json!({"question": "instances", "class": "Sess"})).unwrap_err().code(),
        "ERR_LEAKHUNT_NO_MATCH"
    );
}

#[test]
fn an_object_is_shown_with_its_fields_and_what_it_sees() {
    let heap = heap();
    let function = ask(&heap, json!({"question": "show", "object": id_of(&heap, "Function")})).unwrap();
    assert_eq!([&function["object"]["name"], &function["reachable"]], [&json!("onTick"), &json!(true)]);
    assert_eq!(function["dominator"]["class"], "Bus");
    assert_eq!(function["fields"]["rows"][0]["edge"], "context");
    let scopes = function["scopes"].as_array().unwrap();
    let variable = |scope: usize| &scopes[scope]["variables"]["rows"][0];
    assert_eq!([&variable(0)["edge"], &variable(0)["object"]["class"]], ["session", "Session"]);
    assert_eq!([&variable(1)["edge"], &variable(1)["object"]["name"]], ["limit", "the same text"]);
    let bus = ask(&heap, json!({"question": "show", "object": id_of(&heap, "Bus"), "limit": 1})).unwrap();
    assert_eq!(
        [&bus["fields"]["total"], &bus["fields"]["rows"][0]["object"]["class"]],
        [&json!(3), &json!("Function")]
    );
    let garbage = ask(&heap, json!({"question": "show", "object": id_of(&heap, "Garbage")})).unwrap();
    assert_eq!(garbage["reachable"], false);
    assert_eq!(
        ask(&heap, json!({"question": "show", "object": "@99999"})).unwrap_err().to_string(),
        "no object has the id @99999: expected one that an answer has shown"
    );
}

#[test]
fn holders_say_by_what_and_weak_ones_come_last() {
    let heap = heap();
    let bus = ask(&heap, json!({"question": "holders", "object": id_of(&heap, "Bus")})).unwrap();
    assert_eq!(column(&bus, "edgeType"), ["property", "weak", "weak", "weak"]);
    assert_eq!([&bus["rows"][0]["edge"], &bus["rows"][0]["object"]["class"]], ["bus", "global"]);
}

#[test]
fn the_dominator_tree_goes_down_by_object_or_by_class() {
    let heap = heap();
    let bus = id_of(&heap, "Bus");
    let children = ask(&heap, json!({"question": "children", "object": bus})).unwrap();
    // Each function with its scope and session, and the outer scope that they share.
    assert_eq!(column(&children, "retainedBytes"), [564, 388, 288, 188]);
    let classes = ask(&heap, json!({"question": "children", "object": bus, "byClass": true})).unwrap();
    assert_eq!(column(&classes, "class"), ["Function", "system / Context"]);
    assert_eq!(column(&classes, "retainedBytes"), [864, 564]);
    let top = ask(&heap, json!({"question": "children"})).unwrap();
    assert_eq!(column(&top, "class"), ["global", "Garbage"]);
}

#[test]
fn a_way_leads_to_a_root_and_garbage_has_none() {
    let heap = heap();
    let way = |question: Value| ask(&heap, question).unwrap()["ways"].clone();
    let session = id_of(&heap, "Session");
    let classes = |way: &Value| way.as_array().unwrap().iter().map(|step| step["class"].clone()).collect::<Vec<_>>();
    let told = way(json!({"question": "path", "object": session}));
    assert_eq!(classes(&told[0])[..3], ["Context of onTick", "function onTick", "Bus"]);
    let full = way(json!({"question": "path", "object": session, "full": true, "ways": 3}));
    assert_eq!(full.as_array().unwrap().len(), 1, "only its scope holds it");
    assert_eq!(classes(&full[0])[..3], ["system / Context", "Function", "Bus"]);
    assert_eq!(way(json!({"question": "path", "object": id_of(&heap, "Garbage")})), json!([]));
}

#[test]
fn retainers_take_a_class_or_an_id() {
    let heap = heap();
    let held = ask(&heap, json!({"question": "retainers", "of": "Session"})).unwrap();
    assert_eq!([&held["count"], &held["tree"][0]["edge"]], [&json!(3), &json!("session")]);
    let error = |of: String| ask(&heap, json!({"question": "retainers", "of": of})).unwrap_err().code();
    assert_eq!(error("Nobody".into()), "ERR_LEAKHUNT_NO_MATCH");
    assert_eq!(error(format!("@{}", id_of(&heap, "Garbage"))), "ERR_LEAKHUNT_UNREACHABLE");
}

#[test]
fn what_is_detached_is_told_with_who_keeps_it() {
    let detached = ask(&heap(), json!({"question": "detached"})).unwrap();
    let context = &detached["contexts"]["rows"][0];
    assert_eq!([&context["detached"], &context["retainedBytes"]], [&json!(true), &json!(508)]);
    assert_eq!([&context["knownAs"]["class"], &context["heldBy"]["edge"]], ["global (other)", "realm"]);
    assert_eq!(detached["natives"]["rows"][0]["class"], "Node / Binding");
}

#[test]
fn nobody_waits_for_an_aborted_answer() {
    let aborted = Aborted::default();
    aborted.set();
    let error = heap().ask(Question::Summary {}, &aborted).unwrap_err();
    assert_eq!(error.code(), "ERR_LEAKHUNT_ABORTED");
}
