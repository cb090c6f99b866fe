//! Files that are odd and yet sound, and files that are cut or wrong: a graph, or one line that names the place.

use std::ops::ControlFlow;

use leakhunt::heap::{Graph, GraphAssembler, NodeIdx, SnapshotError, SnapshotParser, read_file};

use super::{alone, entries, snapshot};

fn read(text: &[u8]) -> Result<Graph, SnapshotError> {
    let mut parser = SnapshotParser::new(GraphAssembler::new());
    parser.feed(text)?;
    Ok(parser.finish()?.into_graph())
}

fn sound() -> String {
    snapshot("0,0,1,0,2,0,1,3,8,1,0,2,5,16,0", "1,1,5,0,7,10,2,2,10", r#""","A","B""#)
}

#[test]
fn sections_come_in_any_order_and_unknown_ones_are_stepped_over() {
    let _alone = alone();
    let text = sound();
    let cut = |from: &str, to: &str| {
        let start = text.find(from).unwrap();
        &text[start..start + text[start..].find(to).unwrap() + to.len()]
    };
    let (nodes, edges, strings) = (cut("\"nodes\"", "]"), cut("\"edges\":[1", "]"), cut("\"strings\"", "\"]"));
    let head = &text[..text.find(",\"nodes\"").unwrap()];
    let odd = r#""later":{"a":[1,-2.5e3,"]}\"",null,true]}"#;
    for order in [[nodes, edges, strings, odd], [strings, edges, nodes, odd], [edges, odd, strings, nodes]] {
        let graph = read(format!("{head},{}}}", order.join(",")).as_bytes()).unwrap();
        let [a, b] = [1, 2].map(NodeIdx);
        assert_eq!((graph.name(a), graph.name(b), graph.total_size().0), ("A", "B", 24));
        assert_eq!(graph.edges(a).map(|edge| edge.to).collect::<Vec<_>>(), [b]);
    }
    let twice = format!("{head},{nodes},{nodes},{edges},{strings}}}");
    assert!(read(twice.as_bytes()).unwrap_err().to_string().ends_with("there are two"));
}

#[test]
fn text_that_is_no_unicode_is_read_with_its_faults_marked() {
    let _alone = alone();
    let text = sound().into_bytes();
    let place = text.windows(3).rposition(|window| window == b"\"A\"").unwrap() + 1;
    for (bytes, name) in [
        (&b"\xff\xfe"[..], "\u{fffd}\u{fffd}"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\\ud800", "\u{fffd}"),
        (b"\\udc00\\ud83d\\ude00", "\u{fffd}\u{1f600}"),
        (b"\xc3", "\u{fffd}"),
        (b"\0", "\0"),
    ] {
        let changed = [&text[..place], bytes, &text[place + 1..]].concat();
        assert_eq!(read(&changed).unwrap().name(NodeIdx(1)), name, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_cut_at_any_byte_of_a_packed_file_is_an_error() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut");
    let zst = zstd::encode_all(sound().as_bytes(), 3).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gz, sound().as_bytes()).unwrap();
    for whole in [sound().into_bytes(), zst, gz.finish().unwrap()] {
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let error = read_file(&path, &mut |_| ControlFlow::Continue(())).map(drop).expect_err("a part is no whole");
            let line = error.to_string();
            assert!(error.code().starts_with("ERR_LEAKHUNT_SNAPSHOT_") && !line.contains('\n'), "{end}: {line}");
        }
        entries::packed(&whole);
    }
}
