//! The reader as a whole: a small snapshot, and everything that can be wrong with one.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Three nodes with names that need escapes, and every section that V8 writes.
const SMALL: &str = r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count","detachedness"],
"node_types":[["synthetic","object","string"],"string","number","number","number","number"],
"edge_fields":["type","name_or_index","to_node"],"edge_types":[["property","element","weak"],"string_or_number","node"],
"trace_node_fields":["id"],"location_fields":["object_index","script_id","line","column"]},
"node_count":3,"edge_count":4,"trace_function_count":0},
"nodes":[0,0,1,0,1,0
,1,1,3,4294967296,2,0
,2,3,9007199254740993,24,1,2],
"edges":[1,4294967295,6
,0,2,12,2,2,6
,0,2,0],
"trace_function_infos":[],"trace_tree":[0,[1,"]\"}",{"a":[]}]],"samples":[],
"locations":[6,7,8,9],
"strings":["","Re\"c\\","l\u00e4st\ud83d\ude00","lone \ud800"]}
"#;

fn parse(chunks: &[&[u8]]) -> Result<Graph, SnapshotError> {
    let mut parser = SnapshotParser::new(GraphAssembler::new());
    for chunk in chunks {
        parser.feed(chunk)?;
    }
    Ok(parser.finish()?.into_graph())
}

fn parse_text(text: &str) -> Result<Graph, SnapshotError> {
    parse(&[text.as_bytes()])
}

/// Everything that a graph says, to compare two.
pub(super) fn told(graph: &Graph) -> String {
    let mut lines = String::new();
    for node in graph.nodes() {
        let edges: Vec<_> = graph.edges(node).collect();
        lines += &format!(
            "{:?} {:?} {} {} {} {:?} {edges:?}\n",
            graph.node_type(node),
            graph.name(node),
            graph.class_name(node),
            graph.id(node),
            graph.self_size(node).0,
            graph.location(node)
        );
    }
    lines + &format!("{:?}", graph.attachments())
}

#[test]
fn a_small_snapshot_is_read() {
    let graph = parse_text(SMALL).unwrap();
    let [root, record, string] = [0, 1, 2].map(NodeIdx);
    assert_eq!((graph.node_count(), graph.edge_count(), graph.root()), (3, 4, root));
    assert_eq!((graph.name(record), graph.id(record), graph.self_size(record)), ("Re\"c\\", 3, Bytes(1 << 32)));
    assert_eq!((graph.name(string), graph.class_name(string)), ("lone \u{fffd}", "(string)"));
    assert_eq!(graph.id(string), 9007199254740993);
    assert_eq!(graph.location(record), Some(Location { script_id: 7, line: 8, column: 9 }));
    assert_eq!(graph.location(string), None);
    let edges: Vec<_> = graph.edges(record).map(|edge| (edge.kind, edge.name, edge.to)).collect();
    let last = EdgeName::Name("läst😀");
    assert_eq!(edges, [(EdgeType::Property, last, string), (EdgeType::Weak, last, record)]);
    assert_eq!(graph.edges(root).next().unwrap().name, EdgeName::Index(u32::MAX));
    assert_eq!(graph.total_size(), Bytes((1 << 32) + 24));
    assert_eq!(graph.attachments(), [(string, Attachment::Detached)]);
}

#[test]
fn every_split_of_the_bytes_gives_the_same_graph() {
    let whole = told(&parse_text(SMALL).unwrap());
    for cut in 0..SMALL.len() {
        let (head, tail) = SMALL.as_bytes().split_at(cut);
        assert_eq!(told(&parse(&[head, tail]).unwrap()), whole, "cut at {cut}");
    }
    for size in 1..20 {
        assert_eq!(told(&parse(&SMALL.as_bytes().chunks(size).collect::<Vec<_>>()).unwrap()), whole, "by {size}");
    }
}

#[test]
fn every_truncation_is_an_error_that_names_its_place() {
    let end = SMALL.rfind('}').unwrap();
    assert!(matches!(parse_text(""), Err(SnapshotError::Empty)));
    for cut in 1..=end {
        match parse_text(&SMALL[..cut]) {
            Err(SnapshotError::Truncated { offset, .. }) => assert_eq!(offset, cut as u64),
            other => panic!("cut at {cut}: {other:?}"),
        }
    }
    let cut = SMALL.find("\"edges\":[1").unwrap() + 20;
    assert_eq!(
        parse_text(&SMALL[..cut]).unwrap_err().to_string(),
        format!("snapshot ends inside `edges` at byte {cut}")
    );
}

#[test]
fn what_is_wrong_is_told_apart() {
    let code = |text: &str| parse_text(text).unwrap_err().code().strip_prefix("ERR_LEAKHUNT_SNAPSHOT_").unwrap();
    let changed = |from: &str, to: &str| {
        assert!(SMALL.contains(from), "{from}");
        parse_text(&SMALL.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert_eq!(code(" \n"), "EMPTY");
    assert_eq!(code("hello"), "NOT_JSON");
    assert_eq!(code("\u{7f}ELF"), "NOT_JSON");
    assert_eq!(code("{hello"), "NOT_JSON");
    assert_eq!(code(&format!("{SMALL}x")), "NOT_JSON");
    for other in ["[1,2]", "{}", "{\"name\":\"leakhunt\",\"version\":1}", "{\"snapshot\":{\"uid\":1}}", "12", "null"] {
        assert_eq!(code(other), "NOT_A_SNAPSHOT", "{other}");
    }
    assert_eq!(code("{\"nodes\":[1,2,3]}"), "NOT_A_SNAPSHOT");
    let malformed = |section: &str, reason: &str| format!("malformed snapshot in `{section}` at byte {{}}: {reason}");
    for (from, to, section, reason) in [
        ("\"node_count\":3", "\"node_count\":4", "nodes", "3 rows where `node_count` says 4"),
        ("\"edge_count\":4", "\"edge_count\":9", "edges", "4 rows where `edge_count` says 9"),
        ("0,0,1,0,1,0", "0,0,1,0,2,0", "edges", "4 rows where the nodes' own counts add up to 5"),
        ("2,2,6", "2,2,7", "edges", "a reference does not point at the start of a node"),
        ("2,2,6", "2,2,18", "edges", "a target is not in `nodes`"),
        ("2,2,6", "2,4,6", "edges", "a name is not in `strings`"),
        ("2,2,6", "3,2,6", "edges", "a kind is not in `edge_types`"),
        ("2,2,6", "2,2", "edges", "the last row is not complete"),
        ("2,2,6", "2,-2,6", "edges", "expected a number"),
        ("2,2,6", "2,2,1e3", "edges", "expected a comma after a number"),
        (",1,1,3", ",1,77,3", "nodes", "a name is not in `strings`"),
        (",1,1,3", ",8,1,3", "nodes", "a kind is not in `node_types`"),
        ("0,0,1,0,1,0", "0,0,1,0,4294967295,0", "nodes", "the edge counts add up to too much"),
        ("[6,7,8,9]", "[60,7,8,9]", "locations", "an object is not in `nodes`"),
        ("\"samples\"", "\"nodes\"", "nodes", "there are two"),
        ("\"strings\"", "\"things\"", "strings", "the section is missing"),
    ] {
        let message = changed(from, to);
        let (before, after) = malformed(section, reason).split_once("{}").map(|(a, b)| (a.into(), b.into())).unwrap();
        let (before, after): (String, String) = (before, after);
        assert!(message.starts_with(&before) && message.ends_with(&after), "{message}\n{before}…{after}");
    }
}

#[test]
fn a_promise_is_not_an_allocation() {
    let greedy = SMALL.replace("\"node_count\":3,\"edge_count\":4", "\"node_count\":1e18,\"edge_count\":4");
    assert_eq!(parse_text(&greedy).unwrap_err().code(), "ERR_LEAKHUNT_SNAPSHOT_MALFORMED");
    let greedy = SMALL.replace("\"node_count\":3", "\"node_count\":18446744073709551615");
    assert!(
        parse_text(&greedy).unwrap_err().to_string().ends_with("3 rows where `node_count` says 18446744073709551615")
    );
}

#[test]
fn the_counter_agrees_with_the_graph() {
    let mut parser = SnapshotParser::new(ClassCounter::new());
    SMALL.as_bytes().chunks(7).for_each(|chunk| parser.feed(chunk).unwrap());
    let counter = parser.finish().unwrap();
    assert_eq!(counter.node_count(), 3);
    assert_eq!(counter.into_histogram(), class_histogram(&parse_text(SMALL).unwrap()));
}

fn read(path: &Path) -> Result<Graph, SnapshotError> {
    read_file(path, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn files_are_read_whatever_they_are_wrapped_in() {
    let dir = tempfile::tempdir().unwrap();
    let whole = told(&parse_text(SMALL).unwrap());
    let zstd = zstd::encode_all(SMALL.as_bytes(), 1).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(SMALL.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    // The name says nothing; the bytes do.
    for bytes in [SMALL.as_bytes(), &zstd, &gzip] {
        let path = dir.path().join("snapshot");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(told(&read(&path).unwrap()), whole);
        let mut seen = None;
        read_file(&path, &mut |progress| {
            seen = Some(progress);
            ControlFlow::Continue(())
        })
        .unwrap();
        let length = bytes.len() as u64;
        assert_eq!(seen, Some(Progress { bytes_done: length, bytes_total: length }));
    }
}

/// A snapshot of several blocks, with a column that nobody knows and sizes of more than 32 bits; `blank` stands behind each row.
fn long_text(rows: usize, blank: &str) -> String {
    let mut text =
        SMALL.split("\"nodes\":").next().unwrap().replace("\"id\",\"self_size\"", "\"id\",\"added\",\"self_size\"");
    text = text
        .replace("\"node_count\":3,\"edge_count\":4", &format!("\"node_count\":{rows},\"edge_count\":{}", 3 * rows));
    let node = |row: usize| {
        format!("{},{},{},7,{},3,{}{blank}", row % 3, row % 4, row * 2 + 1, (row as u64) << (row % 40), row % 11 % 3)
    };
    let edge = |row: usize| format!("{},{},{}{blank}", row % 3, row % 4, row * 31 % rows * 7);
    let nodes: Vec<String> = (0..rows).map(node).collect();
    let edges: Vec<String> = (0..3 * rows).map(edge).collect();
    text += &format!("\"nodes\":[{}],\n\"edges\":[{}],", nodes.join(","), edges.join(","));
    text + "\"locations\":[0,8,9,10],\"strings\":[\"\",\"a\",\"b\",\"c\"]}"
}

#[test]
fn a_file_of_many_blocks_is_the_same_graph_as_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshot");
    for blank in ["\n", "", " \r\n\t"] {
        let text = long_text(60_000, blank);
        let whole = told(&parse_text(&text).unwrap());
        for bytes in [text.as_bytes(), &zstd::encode_all(text.as_bytes(), 1).unwrap()] {
            std::fs::write(&path, bytes).unwrap();
            assert!(told(&read(&path).unwrap()) == whole, "{blank:?}");
        }
    }
}

#[test]
fn damage_far_inside_of_a_file_is_named_as_in_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshot");
    let text = long_text(60_000, "\n");
    for part in 1..12 {
        for damage in ["x", ",", "]", "9999999999", " "] {
            let mut bytes = text.clone().into_bytes();
            let at = text.len() / 12 * part;
            bytes.splice(at..at + 1, damage.bytes());
            std::fs::write(&path, &bytes).unwrap();
            let (one, other) = (parse(&[&bytes]), read(&path));
            match (one, other) {
                (Ok(one), Ok(other)) => assert!(told(&one) == told(&other), "{damage} at {at}"),
                (one, other) => {
                    assert_eq!(one.unwrap_err().to_string(), other.unwrap_err().to_string(), "{damage} at {at}")
                }
            }
        }
    }
    // Cut short, in the middle of an array.
    std::fs::write(&path, &text.as_bytes()[..1 << 20]).unwrap();
    assert_eq!(read(&path).unwrap_err().to_string(), "snapshot ends inside `nodes` at byte 1048576");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let zstd = zstd::encode_all(SMALL.as_bytes(), 1).unwrap();
    let mut damaged = zstd.clone();
    damaged[5] ^= 0xff;
    let path = dir.path().join("snapshot");
    let code = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path).unwrap_err();
        assert!(!error.to_string().contains('\n'), "{error}");
        error.code().strip_prefix("ERR_LEAKHUNT_SNAPSHOT_").unwrap()
    };
    assert_eq!(code(b""), "EMPTY");
    assert_eq!(code(&SMALL.as_bytes()[..300]), "TRUNCATED");
    assert_eq!(code(&zstd[..zstd.len() - 9]), "CORRUPT");
    assert_eq!(code(&zstd[..4]), "CORRUPT");
    assert_eq!(code(&damaged), "CORRUPT");
    assert_eq!(read(dir.path()).unwrap_err().code(), "ERR_LEAKHUNT_SNAPSHOT_UNREADABLE");
    let missing = read(&dir.path().join("none")).unwrap_err();
    assert_eq!(missing.code(), "ERR_LEAKHUNT_SNAPSHOT_UNREADABLE");
    std::fs::write(&path, SMALL).unwrap();
    let cancelled = read_file(&path, &mut |_| ControlFlow::Break(())).unwrap_err();
    assert_eq!(cancelled.code(), "ERR_LEAKHUNT_SNAPSHOT_CANCELLED");
}

proptest! {
    #[test]
    fn damage_is_never_a_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SMALL.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (head, tail) = bytes.split_at(cut.index(bytes.len()));
        // What is still accepted has to be sound all the way through.
        if let Ok(graph) = parse(&[head, tail]) {
            told(&graph);
            class_histogram(&graph);
            Retainers::compute(&graph);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&[&bytes]);
    }
}
