//! What a file may cost in memory: about what it brings, whatever it promises.

use std::io::Write;
use std::ops::ControlFlow;

use leakhunt::heap::{
    EdgeType, Graph, GraphAssembler, GraphBuilder, NodeType, SnapshotError, SnapshotParser, read_file,
};
use leakhunt::hunt::{Graphs, hunt};

use super::{MEMORY, alone, entries, snapshot};

const MB: usize = 1 << 20;

/// The most that is held during `work`, beyond what was held before.
fn peak(work: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    MEMORY.peak_usage() - before
}

/// Feeds pieces until there are no more, or one is refused.
fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<(), SnapshotError> {
    let mut parser = SnapshotParser::new(GraphAssembler::new());
    pieces.into_iter().try_for_each(|piece| parser.feed(piece))?;
    parser.finish().map(drop)
}

#[test]
fn promises_are_not_believed() {
    let _alone = alone();
    let text = snapshot("0,0,1,0,0", "", "\"\"");
    for (promise, number) in [
        ("\"node_count\"", "1152921504606846976"),
        ("\"edge_count\"", "1152921504606846976"),
        ("\"trace_function_count\"", "1152921504606846976"),
        ("\"extra_native_bytes\"", "1152921504606846976"),
    ] {
        let greedy = text.replacen("}},\"nodes\"", &format!("}},{promise}:{number}}},\"nodes\""), 1);
        assert!(greedy.contains(promise));
        let cost = peak(|| entries::reader(&[b"\xff", greedy.as_bytes()].concat()));
        assert!(cost < 8 * MB, "{promise}: {cost} bytes");
    }
    for nodes in ["0,0,1,0,4294967278", "0,4294967295,1,0,0", "0,0,18446744073709551615,18446744073709551615,0"] {
        let text = snapshot(nodes, "", "\"\"");
        let cost = peak(|| entries::reader(&[b"\xff", text.as_bytes()].concat()));
        assert!(cost < 8 * MB, "{nodes}: {cost} bytes");
    }
}

#[test]
fn long_texts_stream_by_or_are_refused() {
    let _alone = alone();
    let block = vec![b'a'; MB];
    let text = snapshot("0,0,1,0,0", "", "\"\"");
    let blocks = |count| std::iter::repeat_n(&block[..], count);
    // In a section that nobody asked for, a gigabyte within brackets within brackets.
    let head = &text[..text.len() - 1];
    let start = [head.as_bytes(), b",\"other\":[[{\"x\":\""];
    let cost = peak(|| read(start.into_iter().chain(blocks(1024)).chain([&b"\"}]]}"[..]])).unwrap());
    assert!(cost < 8 * MB, "{cost} bytes");
    // As a string of the table.
    let start = [&text.as_bytes()[..text.len() - 3]];
    let cost = peak(|| {
        let error = read(start.into_iter().chain(blocks(1024))).unwrap_err();
        assert!(error.to_string().ends_with("a string is longer than 64 MiB"), "{error}");
    });
    assert!(cost < 200 * MB, "{cost} bytes");
    // As the header, as a key, and as brackets without an end.
    for (start, error) in [("{\"snapshot\":{\"", "it is longer than a megabyte"), ("{\"", "an unlikely key")] {
        let cost = peak(|| {
            let refused = read([start.as_bytes()].into_iter().chain(blocks(1024))).unwrap_err().to_string();
            assert!(refused.ends_with(error), "{refused}");
        });
        assert!(cost < 8 * MB, "{start}: {cost} bytes");
    }
    let brackets = vec![b'['; MB];
    let cost = peak(|| {
        let start = [head.as_bytes(), b",\"other\":"];
        let error = read(start.into_iter().chain(std::iter::repeat_n(&brackets[..], 64))).unwrap_err();
        assert_eq!(error.code(), "ERR_LEAKHUNT_SNAPSHOT_TRUNCATED");
    });
    assert!(cost < 8 * MB, "{cost} bytes");
}

#[test]
fn bombs_are_refused() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb");
    let text = snapshot("0,0,1,0,0", "", "\"\"");
    let (head, _) = text.split_once("0,0,1").unwrap();
    let rows = "0,0,1,0,0,".repeat(100_000);
    let texts = [("in `nodes`", rows.as_str()), ("between the sections", &" ".repeat(MB))];
    for (place, block) in texts {
        let head = if place.contains("nodes") { head } else { &text[..text.len() - 1] };
        let mut zst = zstd::Encoder::new(Vec::new(), 19).unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for out in [&mut zst as &mut dyn Write, &mut gz] {
            out.write_all(head.as_bytes()).unwrap();
            (0..200).for_each(|_| out.write_all(block.as_bytes()).unwrap());
        }
        for packed in [zst.finish().unwrap(), gz.finish().unwrap()] {
            std::fs::write(&path, &packed).unwrap();
            let length = packed.len();
            let cost = peak(|| {
                let error = read_file(&path, &mut |_| ControlFlow::Continue(())).unwrap_err();
                assert_eq!(error.code(), "ERR_LEAKHUNT_SNAPSHOT_TOO_LARGE", "{place}, {length} bytes: {error}");
            });
            // Rows take about as much as their text, and twice that while a column moves.
            assert!(cost < 4 * 200 * MB, "{place}, {length} bytes: {cost} bytes");
        }
    }
}

/// Three moments of a program whose every name is of that length.
fn named(length: usize) -> Vec<(String, Graph)> {
    let [class, function, property] = ["C", "f", "p"].map(|letter| letter.repeat(length));
    let heap_at = |moment: usize| {
        let mut heap = GraphBuilder::new();
        let mut last = heap.root();
        for link in 0..150 {
            // Two in turn, so that no two neighbours are alike and all of the way is told.
            let next = heap.node(NodeType::Object, ["Odd", &class][link % 2], 8);
            heap.edge(last, EdgeType::Property, [&property, "odd"][link % 2], next);
            last = next;
        }
        for index in 0..1000 * (moment as u32 + 1) {
            let kind = [NodeType::Object, NodeType::Closure][index as usize % 2];
            let thing = heap.node(kind, [&class, &function][index as usize % 2], 64);
            heap.edge(last, EdgeType::Element, index, thing);
        }
        heap.build()
    };
    (0..3).map(|moment| (moment.to_string(), heap_at(moment))).collect()
}

#[test]
fn a_long_name_is_not_told_in_full_in_each_step() {
    let _alone = alone();
    let document = |length| {
        let Ok(verdict) = hunt(&mut Graphs::new(named(length)), &[]);
        assert!(!verdict.suspects.is_empty());
        serde_json::to_string(&verdict).expect("plain data").len()
    };
    // All that V8 would write of a name, and a megabyte.
    let (usual, long) = (document(1024), document(MB));
    assert!(long < 5 * usual, "{usual} bytes, and {long} bytes");
}
