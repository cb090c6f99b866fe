//! What is fuzzed: each function takes any bytes and has to come back, in time that grows with them. Called by the targets of cargo-fuzz,
//! and by the replay of the kept corpus in `cargo test`.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;

#[path = "pages.rs"]
mod heap_pages;

use leakhunt::heap::lhgraph::{self, Header};
use leakhunt::heap::{
    ClassCounter, Dominators, EdgeType, Graph, GraphAssembler, GraphBuilder, NodeIdx, NodeType, Retainers,
    ShallowSizes, SnapshotError, SnapshotParser, class_histogram, class_retained, path_to_root, read_file,
    write_snapshot,
};
use leakhunt::hunt::verdict::{Generated, Location, SnapshotFacts};
use leakhunt::hunt::{Aborted, Graphs, diff, hunt, retainers};
use leakhunt::pages::{Gathered, history};
use leakhunt::redact::{Redactor, Salt};
use leakhunt::report::text;
use leakhunt::sources::Maps;

/// The bytes are the text of a snapshot, fed in pieces whose size is the first byte.
pub fn reader(data: &[u8]) {
    let Some((&size, text)) = data.split_first() else { return };
    let size = usize::from(size).max(1);
    if let Ok(graph) = parsed(text, size) {
        assert_eq!(parsed(text, text.len()).expect("pieces make no difference").edge_count(), graph.edge_count());
        let mut counter = SnapshotParser::new(ClassCounter::new());
        counter.feed(text).expect("who skips edges asks for less");
        let counted = counter.finish().expect("who skips edges asks for less").into_histogram();
        assert_eq!(counted, class_histogram(&graph));
        facts(&graph);
    }
}

/// The bytes are a program that grows: see [`heap_at`]. Three snapshots of it are hunted and shown, and go through the other verbs.
pub fn analysis(data: &[u8]) {
    let graphs: Vec<Graph> = (0..3).map(|moment| heap_at(data, moment)).collect();
    let mut text = Vec::new();
    write_snapshot(&graphs[2], &mut text).expect("memory takes all text");
    let last = parsed(&text, 4096).expect("what is written can be read");
    facts(&last);
    let facts_of = |graph: &Graph| SnapshotFacts::of("x".as_ref(), graph);
    for selector in ["A", "Array", "@3", "Object"] {
        if let Some(held) = retainers::held(&last, facts_of(&last), selector) {
            serde_json::to_string(&held).expect("plain data");
            fits(&text::retainers(&held, 80, false), 80);
        }
    }
    let [first, second, third]: [Graph; 3] = graphs.try_into().expect("there are three");
    let pair = [first, second];
    let difference = diff::diff([facts_of(&pair[0]), facts_of(&pair[1])], &pair);
    serde_json::to_string(&difference).expect("plain data");
    fits(&text::diff(&difference, 80, false), 80);
    let [first, second] = pair;
    let named = ["a", "b", "c"].map(str::to_owned).into_iter().zip([first, second, third]);
    let Ok(verdict) = hunt(&mut Graphs::new(named), &[]);
    let document = serde_json::to_string(&verdict).expect("plain data");
    assert_eq!(serde_json::from_str::<leakhunt::hunt::Verdict>(&document).expect("our own document"), verdict);
    text::verdict(&verdict, 80, false);
}

/// The bytes are a file, packed or not.
pub fn packed(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("room for a small file");
    if let Ok(graph) = read_file(file.path(), &mut |_| ControlFlow::Continue(())) {
        facts(&graph);
    }
}

/// The bytes are a `.lhgraph`, which is read as it is and with checksums that hold: nobody guesses those.
pub fn lhgraph(data: &[u8]) {
    for data in [data.to_vec(), mended(data)] {
        if let Ok(graph) = file_of(&data) {
            let again = lhgraph::write_graph(&graph, &Header::default(), 1, Vec::new()).expect("memory takes all");
            same(&graph, &file_of(&again).expect("what is written can be read"));
            facts(&graph);
        }
    }
}

/// The bytes are a file of censuses, or the JSON of some, a zero between each two, which a file is made of.
pub fn census(data: &[u8]) {
    let file = if data.starts_with(&history::MAGIC) { data.to_vec() } else { framed(data) };
    let mut entries = Vec::new();
    let Ok(cut) = history::read(&file[..], |entry| entries.push(entry)) else { return };
    assert!(cut <= file.len() as u64);
    let mut again = history::header();
    entries.iter().for_each(|entry| again.extend(history::encode(entry).expect("it came from a file")));
    let mut read = Vec::new();
    assert_eq!(history::read(&again[..], |entry| read.push(entry)).expect("what is written can be read"), 0);
    assert_eq!(read, entries);
    let mut gathered = Gathered::default();
    gathered.read("x", &file[..]).expect("it has been read");
    let series = gathered.into_series();
    serde_json::to_string(&series).expect("plain data");
    for diff in [false, true] {
        fits(&text::census(&series, diff, 80, false), 80);
    }
}

fn framed(texts: &[u8]) -> Vec<u8> {
    let mut file = history::header();
    for text in texts.split(|&byte| byte == 0) {
        let frame = zstd::encode_all(text, 1).expect("memory takes all");
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend(frame);
    }
    file
}

/// The bytes are orders to build pages of a heap, and memory in which some are looked for.
pub fn pages(data: &[u8]) {
    heap_pages::pages_in(data);
    if let Some(graph) = heap_pages::heap_of(data) {
        facts(&graph);
        let file = lhgraph::write_graph(&graph, &Header::default(), 1, Vec::new()).expect("memory takes all");
        same(&graph, &file_of(&file).expect("what is written can be read"));
    }
}

fn same(one: &Graph, other: &Graph) {
    assert_eq!((one.node_count(), one.edge_count()), (other.node_count(), other.edge_count()));
    assert_eq!(class_histogram(one), class_histogram(other));
    assert!(one.nodes().all(|node| one.edges(node).eq(other.edges(node))));
    assert!(one.nodes().all(|node| (one.id(node), one.location(node)) == (other.id(node), other.location(node))));
    assert_eq!(one.attachments(), other.attachments());
}

fn file_of(data: &[u8]) -> Result<Graph, SnapshotError> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("room for a small file");
    read_file(file.path(), &mut |_| ControlFlow::Continue(()))
}

/// The same file with checksums that hold, as far as it can be told where they are: docs/lhgraph.md.
fn mended(data: &[u8]) -> Vec<u8> {
    const NAME: usize = 74;
    let mut file = data.to_vec();
    let mut put = |from: usize, end: usize, body: usize, at: usize| {
        let sum = checksum(&file, [from..end, at + 4..body]);
        file.get_mut(at..at + 4).map(|place| place.copy_from_slice(&sum.to_le_bytes()))
    };
    let word = |at: usize| data.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    let name = data.get(NAME - 2).map_or(0, |length| usize::from(*length));
    put(0, NAME + name, 0, NAME + name);
    let mut at = NAME + name + 4;
    while let Some(length) = word(at + 8) {
        let end = at.saturating_add(16).saturating_add(length as usize).min(data.len());
        if put(at, at + 12, end, at + 12).is_none() {
            break;
        }
        at = end;
    }
    file
}

/// CRC-32, as in gzip.
fn checksum(file: &[u8], parts: [std::ops::Range<usize>; 2]) -> u32 {
    let bytes = parts.into_iter().flat_map(|part| file.get(part).unwrap_or_default());
    !bytes.fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// The bytes are the text of a snapshot that is to be redacted, fed in pieces whose size is the first byte. What comes out is a
/// snapshot with the same graph.
pub fn redactor(data: &[u8]) {
    let Some((&size, text)) = data.split_first() else { return };
    let mut redactor = Redactor::new(Salt::new());
    let mut out = Vec::new();
    for piece in text.chunks(usize::from(size).max(1)) {
        if redactor.feed(piece, &mut out).is_err() {
            return;
        }
    }
    if redactor.finish(&mut out).is_ok() {
        let [before, after] = [text, &out[..]].map(|text| parsed(text, 4096).expect("what was redacted can be read"));
        assert_eq!((before.node_count(), before.edge_count()), (after.node_count(), after.edge_count()));
        assert_eq!(before.total_size(), after.total_size());
    }
}

/// The bytes are a script and, behind the first zero, the map beside it. A few places in the script are asked for.
pub fn sources(data: &[u8]) {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (script, map) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let app = tempfile::tempdir().expect("a temporary directory");
    let (file, folder) = (app.path().join("dist/a.js"), app.path().join("dist"));
    fs::create_dir(&folder).expect("room for a folder");
    fs::write(&file, script).expect("room for a small file");
    fs::write(folder.join("a.js.map"), map).expect("room for a small file");
    let (path, url) = (file.display().to_string(), format!("file://{}", file.display()));
    let mut places = Vec::new();
    for (line, column) in (1..4).flat_map(|line| [1, 12, 40, u32::MAX].map(|column| (line, column))) {
        for function in ["ab", "(anonymous)"] {
            let script = if line == 2 { &url } else { &path }.clone();
            places.push(Location { function: function.to_owned(), script, line, column, generated: None });
        }
    }
    let asked: Vec<&Location> = places.iter().collect();
    let found = Maps::default().origins(&asked, &Aborted::default());
    assert_eq!(found, Maps::default().origins(&asked, &Aborted::default()), "the same files say the same");
    for (Location { script, line, column, .. }, origin) in found {
        assert_eq!(origin.generated, Some(Generated { script, line, column }));
        assert!(origin.line > 0 && origin.column > 0 && origin.function.len() <= 1024, "{origin:?}");
    }
}

fn parsed(text: &[u8], size: usize) -> Result<Graph, SnapshotError> {
    let mut parser = SnapshotParser::new(GraphAssembler::new());
    for piece in text.chunks(size.max(1)) {
        parser.feed(piece)?;
    }
    Ok(parser.finish()?.into_graph())
}

/// Everything that is computed about a graph, and what has to be true of it.
fn facts(graph: &Graph) {
    let dominators = Dominators::compute(graph);
    let sizes = ShallowSizes::compute(graph);
    assert_eq!(dominators.retained(graph.root()), graph.total_size());
    class_histogram(graph);
    class_retained(graph, &dominators, &dominators.children(), &sizes);
    let retainers = Retainers::compute(graph);
    for node in graph.nodes().rev().take(8) {
        let path = path_to_root(graph, &retainers, node);
        assert!(path.is_none_or(|path| path.len() < graph.node_count()), "no object is on a way twice");
    }
}

/// No line is longer than the terminal is wide.
fn fits(text: &str, width: usize) {
    for line in text.lines().filter(|line| line.chars().count() > width) {
        assert!(line.contains("leakhunt "), "{line:?} is wider than {width}, and is no command");
    }
}

const NAMES: [&str; 16] = [
    "A",
    "Array",
    "Object",
    "",
    "events",
    "context",
    "elements",
    "__proto__",
    "constructor",
    "system / Context",
    "(Stack roots)",
    "(Internalized strings)",
    "Timeout",
    "table",
    "\u{202e}\x1b[2J\u{feff} $(x) `y` 'z'",
    "1 / part of key (A @5) -> value (B @7) pair in WeakMap (table @3)",
];
const NODES: [NodeType; 8] = [
    NodeType::Object,
    NodeType::Object,
    NodeType::Closure,
    NodeType::Array,
    NodeType::String,
    NodeType::Hidden,
    NodeType::Native,
    NodeType::Synthetic,
];
const EDGES: [EdgeType; 8] = [
    EdgeType::Property,
    EdgeType::Context,
    EdgeType::Element,
    EdgeType::Internal,
    EdgeType::Hidden,
    EdgeType::Shortcut,
    EdgeType::Weak,
    EdgeType::Property,
];

/// The heap of a program at one of three moments. Each four bytes are an order: an object, an edge, or a pile of objects that is
/// larger at each moment.
fn heap_at(program: &[u8], moment: usize) -> Graph {
    // Under a fuzzer each object costs ten times as much, and a few thousand are enough for every rule.
    const MOST: usize = if cfg!(fuzzing) { 6_000 } else { 40_000 };
    let mut heap = GraphBuilder::new();
    let mut nodes = vec![heap.root()];
    for order in program.as_chunks::<4>().0 {
        let [what, a, b, c] = order.map(usize::from);
        let name = NAMES[b % NAMES.len()];
        let kind = NODES[what / 4 % NODES.len()];
        // The latest are near at hand, as in a program.
        let near = |back: usize, nodes: &[NodeIdx]| nodes[nodes.len() - 1 - back % nodes.len()];
        match what % 4 {
            0 => {
                let node = heap.node(kind, name, (c as u64) << (a % 40));
                let holder = near(a, &nodes);
                connect(&mut heap, holder, EDGES[c % EDGES.len()], NAMES[a % NAMES.len()], c, node);
                nodes.push(node);
            }
            1 | 2 => {
                let (from, to) = (near(a, &nodes), near(c, &nodes));
                connect(&mut heap, from, EDGES[what / 4 % EDGES.len()], name, b, to);
            }
            _ => {
                let holder = near(a, &nodes);
                let count = (c + 1) * 4 * (moment + 1);
                for index in 0..count.min(MOST.saturating_sub(nodes.len())) {
                    let node = heap.node(kind, name, 40);
                    connect(&mut heap, holder, EDGES[a / 16 % EDGES.len()], NAMES[a % NAMES.len()], index, node);
                    nodes.push(node);
                }
            }
        }
    }
    heap.build()
}

fn connect(heap: &mut GraphBuilder, from: NodeIdx, kind: EdgeType, name: &str, number: usize, to: NodeIdx) {
    match kind.has_text_name() {
        true => heap.edge(from, kind, name, to),
        false => heap.edge(from, kind, number as u32, to),
    }
}
