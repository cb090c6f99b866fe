//! Whole snapshots through the redactor: written by hand, in any pieces.

use super::{RedactError, Redactor, Salt, is_placeholder};
use crate::heap::{EdgeName, EdgeType, Graph, GraphAssembler, NodeType, SnapshotParser};
use proptest::prelude::*;
use std::collections::HashMap;

const NODE_TYPES: [&str; 15] = [
    "hidden",
    "array",
    "string",
    "object",
    "code",
    "closure",
    "regexp",
    "number",
    "native",
    "synthetic",
    "concatenated string",
    "sliced string",
    "symbol",
    "bigint",
    "object shape",
];
const EDGE_TYPES: [&str; 7] = ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];

/// A snapshot's text, as V8 would write it: strings are numbered as rows name them.
#[derive(Debug, Default)]
struct Writer {
    nodes: Vec<(usize, String)>,
    edges: Vec<(usize, usize, Result<String, u32>, usize)>,
}

impl Writer {
    fn new() -> Writer {
        let mut writer = Writer::default();
        writer.node("synthetic", "");
        writer
    }

    fn node(&mut self, kind: &str, name: &str) -> usize {
        let kind = NODE_TYPES.iter().position(|&each| each == kind).unwrap();
        self.nodes.push((kind, name.to_owned()));
        self.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, kind: &str, name: &str, to: usize) {
        let kind = EDGE_TYPES.iter().position(|&each| each == kind).unwrap();
        self.edges.push((from, kind, Ok(name.to_owned()), to));
    }

    fn hidden(&mut self, from: usize, index: u32, to: usize) {
        self.edges.push((from, 4, Err(index), to));
    }

    fn text(&self, row_end: &str) -> String {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut strings = vec!["<dummy>".to_owned()];
        let mut number = |text: &str| {
            *numbers.entry(text.to_owned()).or_insert_with(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            })
        };
        let mut edges = self.edges.clone();
        edges.sort_by_key(|&(from, ..)| from);
        let node_rows: Vec<String> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(at, (kind, name))| {
                let count = edges.iter().filter(|&&(from, ..)| from == at).count();
                format!("{kind},{},{},{},{count},0", number(name), 2 * at + 1, 16 + at)
            })
            .collect();
        let edge_rows: Vec<String> = edges
            .iter()
            .map(|(_, kind, name, to)| {
                let name = name.as_ref().map_or_else(|&index| index as usize, |name| number(name));
                format!("{kind},{name},{}", to * 6)
            })
            .collect();
        let strings: Vec<String> = strings.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        let lists = |types: &[&str]| serde_json::to_string(types).unwrap();
        format!(
            r#"{{"snapshot":{{"meta":{{"node_fields":["type","name","id","self_size","edge_count","detachedness"],"node_types":[{},"string","number","number","number","number"],"edge_fields":["type","name_or_index","to_node"],"edge_types":[{},"string_or_number","node"],"location_fields":["object_index","script_id","line","column"]}},"node_count":{},"edge_count":{}}},
"nodes":[{}],
"edges":[{}],
"trace_function_infos":[],
"locations":[0,1,2,3],
"strings":[{}]}}"#,
            lists(&NODE_TYPES),
            lists(&EDGE_TYPES),
            self.nodes.len(),
            edges.len(),
            node_rows.join(row_end),
            edge_rows.join(row_end),
            strings.join(",\n"),
        )
    }
}

fn redact(text: &str, salt: &Salt, cuts: impl Iterator<Item = usize>) -> Result<String, RedactError> {
    let mut redactor = Redactor::new(salt.clone());
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    for cut in cuts {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        redactor.feed(piece, &mut out)?;
        rest = after;
    }
    redactor.feed(rest, &mut out)?;
    redactor.finish(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn whole(text: &str) -> String {
    redact(text, &Salt::new(), std::iter::empty()).unwrap()
}

fn graph(text: &str) -> Graph {
    let mut parser = SnapshotParser::new(GraphAssembler::new());
    parser.feed(text.as_bytes()).unwrap();
    parser.finish().unwrap().into_graph()
}

type EdgeShape = (EdgeType, Option<u32>, u32);

/// Everything but names.
fn shape(graph: &Graph) -> Vec<(NodeType, u64, u64, Vec<EdgeShape>)> {
    graph
        .nodes()
        .map(|node| {
            let edges = graph.edges(node).map(|edge| {
                let index = match edge.name {
                    EdgeName::Index(index) => Some(index),
                    EdgeName::Name(_) => None,
                };
                (edge.kind, index, edge.to.0)
            });
            (graph.node_type(node), graph.id(node), graph.self_size(node).0, edges.collect())
        })
        .collect()
}

/// An app with every sort of name, and a content beside it.
fn app() -> Writer {
    let mut heap = Writer::new();
    let object = heap.node("object", "Session");
    heap.node("closure", "Session");
    let pool = heap.node("code", "(constant pool)");
    let feedback = heap.node("code", "system / FeedbackVector");
    let script = heap.node("code", "system / Script");
    let key = heap.node("string", "userName");
    let token = heap.node("string", "tok_5f2a9c");
    let path = heap.node("string", "/app/server.js");
    let source = heap.node("string", "const password = 'hunter2'");
    let content = heap.node("string", "secret content");
    let symbol = heap.node("string", "my symbol");
    heap.node("regexp", "^secret$");
    heap.node("object", "Tagged at run time");
    heap.node("code", "system / Script / data:text/javascript,secret");
    heap.edge(pool, "internal", "0", key);
    heap.hidden(pool, 1, symbol);
    heap.edge(feedback, "internal", "0", token);
    heap.edge(script, "internal", "name", path);
    heap.edge(script, "internal", "source", source);
    for name in [
        "userName",
        "tok_5f2a9c",
        "get userName",
        "set tok_5f2a9c",
        "<symbol my symbol>",
        "<symbol secret content>",
        "__proto__",
        "setEncoding",
    ] {
        heap.edge(object, "property", name, content);
    }
    heap.edge(object, "context", "closedOver", content);
    heap.edge(
        object,
        "internal",
        "7 / part of key (Session @3) -> value (secret content @21) pair in WeakMap (table @5)",
        content,
    );
    heap
}

fn strings(text: &str) -> Vec<String> {
    serde_json::from_str::<serde_json::Value>(text).unwrap()["strings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn names_of_the_program_stay_and_contents_go() {
    let (before, after) = (app().text(","), whole(&app().text(",")));
    let (before, after) = (strings(&before), strings(&after));
    assert_eq!(before.len(), after.len());
    let of = |text: &str| after[before.iter().position(|each| each == text).unwrap()].clone();
    for stays in [
        "",
        "<dummy>",
        "Session",
        "userName",
        "get userName",
        "<symbol my symbol>",
        "__proto__",
        "setEncoding",
        "closedOver",
        "/app/server.js",
        "(constant pool)",
        "0",
    ] {
        assert_eq!(of(stays), stays);
    }
    for goes in
        ["tok_5f2a9c", "const password = 'hunter2'", "secret content", "my symbol", "^secret$", "Tagged at run time"]
    {
        assert!(is_placeholder(&of(goes)), "{goes}: {}", of(goes));
    }
    assert_eq!(of("set tok_5f2a9c"), format!("set {}", of("tok_5f2a9c")));
    assert_eq!(of("<symbol secret content>"), format!("<symbol {}>", of("secret content")));
    assert!(of("system / Script / data:text/javascript,secret").starts_with("system / Script / data:["));
    let entry = before.iter().position(|each| each.contains("part of key")).unwrap();
    assert_eq!(after[entry], "7 / part of key ( @3) -> value ( @21) pair in WeakMap (table @5)");
}

#[test]
fn a_name_waits_for_the_code_that_refers_to_it() {
    let mut heap = Writer::new();
    let object = heap.node("object", "Object");
    let key = heap.node("string", "comesFirst");
    let value = heap.node("string", "waits as well");
    let pool = heap.node("code", "(constant pool)");
    heap.edge(pool, "internal", "0", key);
    heap.edge(object, "property", "comesFirst", value);
    let after = strings(&whole(&heap.text(",")));
    assert!(after.contains(&"comesFirst".to_owned()));
    assert!(!after.contains(&"waits as well".to_owned()));
}

#[test]
fn all_but_the_strings_is_the_same_to_the_byte() {
    for row_end in [",", "\n,"] {
        let before = app().text(row_end);
        let after = whole(&before);
        let head = before.find("\"strings\"").unwrap();
        assert_eq!(before[..head], after[..head]);
        assert_eq!(shape(&graph(&before)), shape(&graph(&after)));
        let left = |text: &str| strings(text).into_iter().filter(|each| each.contains(" chars #")).collect::<Vec<_>>();
        assert!(left(&whole(&after)).starts_with(&left(&after)[..6]), "what has been redacted is not redacted again");
    }
}

#[test]
fn without_contents_nothing_changes() {
    let mut heap = Writer::new();
    let object = heap.node("object", "Array");
    let closure = heap.node("closure", "handler \u{e9}\"\\\n");
    heap.edge(object, "property", "length", closure);
    heap.edge(closure, "context", "logs", object);
    let text = heap.text("\n,").replace("],\n", " ] ,\r\n\t");
    assert_eq!(whole(&text), text);
}

#[test]
fn what_is_not_understood_is_refused_and_none_of_its_text_written() {
    let text = app().text(",");
    let strings_first = {
        let (head, tail) = text.split_at(text.find("\"nodes\"").unwrap());
        let at = tail.find("\"strings\"").unwrap();
        format!("{head}{},{}}}", &tail[at..tail.len() - 1], tail[..at].trim_end().trim_end_matches(','))
    };
    serde_json::from_str::<serde_json::Value>(&strings_first).unwrap();
    let more_text = text.replace("\"trace_function_infos\":[]", "\"notes\":[1,\"secret content\"]");
    let in_locations = text.replace("\"locations\":[0,1,2,3]", "\"locations\":[0,1,\"secret content\",3]");
    let unlocated = in_locations.replace("\"location_fields\"", "\"other_fields\"");
    let cut = text[..text.len() - 9].to_owned();
    let without_quotes = more_text.replace("\"secret content\"", "secret");
    let in_header = text.replace("\"meta\":", "\"title\":\"secret of 2\",\"meta\":");
    for broken in [
        strings_first,
        more_text,
        without_quotes,
        in_header,
        in_locations,
        unlocated,
        cut,
        "[]".to_owned(),
        String::new(),
    ] {
        assert_ne!(broken, text);
        for step in [1, 7, 4096] {
            let mut redactor = Redactor::new(Salt::new());
            let mut out = Vec::new();
            let fed = broken.as_bytes().chunks(step).try_for_each(|piece| redactor.feed(piece, &mut out));
            let error = fed.and_then(|()| redactor.finish(&mut out).map(drop)).unwrap_err();
            assert!(matches!(error, RedactError::Input(_)), "{error}");
            assert!(!String::from_utf8_lossy(&out).contains("secret"));
        }
    }
}

#[test]
fn classes_are_counted_under_the_names_that_stay() {
    let text = app().text(",");
    let mut redactor = Redactor::new(Salt::new());
    redactor.feed(text.as_bytes(), &mut Vec::new()).unwrap();
    let histogram = redactor.finish(&mut Vec::new()).unwrap().into_histogram();
    assert_eq!(histogram.get("Session").unwrap().count, 1);
    assert!(histogram.get("Tagged at run time").is_none());
    assert!(histogram.rows.iter().any(|row| is_placeholder(&row.name)));
}

#[test]
fn a_number_too_large_for_the_file_takes_no_memory() {
    let mut heap = Writer::new();
    heap.node("object", "Array");
    let text = heap.text(",").replace("3,2,3,17,", "3,4000000000,3,17,");
    assert!(redact(&text, &Salt::new(), std::iter::empty()).unwrap_err().to_string().contains("not in `strings`"));
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,3}",
        ".{0,6}",
        Just("(constant pool)".to_owned()),
        Just("system / Script".to_owned()),
        Just("name".to_owned()),
        Just("get a".to_owned()),
        Just("12345".to_owned()),
        Just("<symbol b>".to_owned()),
    ]
}

prop_compose! {
    fn any_heap()(
        nodes in prop::collection::vec((0..NODE_TYPES.len(), any_name()), 1..12),
        edges in prop::collection::vec((any::<prop::sample::Index>(), 0..EDGE_TYPES.len(), any_name(), any::<prop::sample::Index>()), 0..24),
    ) -> Writer {
        let mut heap = Writer::new();
        for (kind, name) in nodes {
            heap.node(NODE_TYPES[kind], &name);
        }
        let count = heap.nodes.len();
        for (from, kind, name, to) in edges {
            let name = if matches!(EDGE_TYPES[kind], "element" | "hidden") { Err(3) } else { Ok(name) };
            heap.edges.push((from.index(count), kind, name, to.index(count)));
        }
        heap
    }
}

proptest! {
    #[test]
    fn the_pieces_do_not_matter(heap in any_heap(), cuts in prop::collection::vec(0usize..200, 0..40), step in 1usize..40) {
        let text = heap.text("\n,");
        let salt = Salt::new();
        let once = redact(&text, &salt, std::iter::empty()).unwrap();
        prop_assert_eq!(&redact(&text, &salt, cuts.into_iter()).unwrap(), &once);
        prop_assert_eq!(&redact(&text, &salt, std::iter::repeat_n(step, text.len() / step + 1)).unwrap(), &once);
    }

    #[test]
    fn the_graph_stays_and_equal_strings_stay_equal(heap in any_heap()) {
        let before = heap.text(",");
        let after = whole(&before);
        prop_assert_eq!(shape(&graph(&before)), shape(&graph(&after)));
        let (before, after) = (strings(&before), strings(&after));
        prop_assert_eq!(before.len(), after.len());
        // No text of a string remains that is not a name as well.
        let named: Vec<&String> = heap.nodes.iter().filter(|(kind, _)| !matches!(NODE_TYPES[*kind], "string" | "regexp" | "symbol" | "concatenated string" | "sliced string")).map(|(_, name)| name)
            .chain(heap.edges.iter().filter_map(|(_, _, name, _)| name.as_ref().ok())).collect();
        for (kind, content) in &heap.nodes {
            if NODE_TYPES[*kind] == "string" && content.len() > 3 && !named.contains(&content) && !content.starts_with("system") && content != "(constant pool)" {
                prop_assert!(!after.contains(content), "{}", content);
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut redactor = Redactor::new(Salt::new());
        if redactor.feed(&bytes, &mut Vec::new()).is_ok() {
            let _ = redactor.finish(&mut Vec::new());
        }
    }
}
