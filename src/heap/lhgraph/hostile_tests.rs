//! Files that somebody made to break the reader: each is refused in one line that names the section and the byte.

use proptest::prelude::*;

use super::super::random::heaps;
use super::super::{Attachment, EdgeType, Graph, GraphBuilder, NodeType, SnapshotError};
use super::block::{BlockHead, HEAD, checksum};
use super::tests::{large, read_bytes, written};
use super::*;

/// Every section has a row or two.
fn small() -> Graph {
    let mut heap = GraphBuilder::new();
    let a = heap.node(NodeType::Object, "A", 32);
    let b = heap.node(NodeType::String, "A", 24);
    heap.edge(heap.root(), EdgeType::Property, "\u{65e5}", a);
    heap.edge(a, EdgeType::Element, 7, b);
    heap.location(a, 1, 2, 3);
    heap.attach(b, Attachment::Detached);
    heap.build()
}

/// A file in parts: its header, and each block's head with its body.
struct Parts {
    header: Vec<u8>,
    blocks: Vec<(BlockHead, Vec<u8>)>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Parts {
        let Ok((_, length)) = Header::read(bytes) else { panic!("it is one of ours") };
        let (header, mut rest) = bytes.split_at(length);
        let mut blocks = Vec::new();
        while let Some((head, after)) = rest.split_first_chunk::<HEAD>() {
            let head = BlockHead::read(head);
            let (body, after) = after.split_at(head.length as usize);
            blocks.push((head, body.to_vec()));
            rest = after;
        }
        Parts { header: header.to_vec(), blocks }
    }

    /// With checksums that hold, whatever has been changed.
    fn file(&self) -> Vec<u8> {
        let mut file = self.header.clone();
        for (head, body) in &self.blocks {
            let mut head = *head;
            head.checksum = head.checksum_with(body);
            file.extend_from_slice(&head.bytes());
            file.extend_from_slice(body);
        }
        file
    }

    fn block(&mut self, section: Section) -> &mut (BlockHead, Vec<u8>) {
        self.blocks.iter_mut().find(|(head, _)| head.section == section as u32).unwrap()
    }

    /// A byte of the header, with a checksum that holds.
    fn set_header(&mut self, at: usize, bytes: &[u8]) {
        self.header[at..at + bytes.len()].copy_from_slice(bytes);
        let end = self.header.len() - 4;
        let sum = checksum(&[&self.header[..end]]);
        self.header[end..].copy_from_slice(&sum.to_le_bytes());
    }
}

/// The line that a changed file is answered with.
fn answer(change: impl FnOnce(&mut Parts)) -> String {
    let mut parts = Parts::of(&written(&small()));
    change(&mut parts);
    let error = read_bytes(&parts.file()).expect_err("it is no whole file any more");
    let line = error.to_string();
    assert!(!line.contains('\n') && line.contains(" at byte "), "{line}");
    line
}

#[test]
fn every_cut_is_an_error_that_names_its_place() {
    let bytes = written(&small());
    let mut sections = Vec::new();
    for cut in MAGIC.len()..bytes.len() {
        match read_bytes(&bytes[..cut]) {
            Err(SnapshotError::Truncated { section, offset }) => {
                assert_eq!(offset, cut as u64);
                sections.push(section);
            }
            other => panic!("cut at {cut}: {other:?}"),
        }
    }
    sections.dedup();
    assert_eq!(
        sections,
        ["header", "nodes", "edges", "places", "locations", "detachedness", "strings", "text", "strings", "end"],
        "that text is missing is told only within it, since nothing says how much there is"
    );
}

#[test]
fn every_flipped_bit_is_seen() {
    let bytes = written(&small());
    for bit in 8 * MAGIC.len()..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = read_bytes(&flipped).expect_err("no bit may be another").to_string();
        assert!(!error.contains('\n') && error.contains(" at byte "), "{error}");
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = written(&small());
    bytes[8] = 7;
    let error = read_bytes(&bytes).unwrap_err();
    assert_eq!(error.code(), "ERR_LEAKHUNT_SNAPSHOT_VERSION");
    assert_eq!(error.to_string(), "snapshot is a .lhgraph of version 7 at byte 8: expected version 1");
}

#[test]
fn what_a_header_cannot_promise() {
    // The counts begin behind magic, version, flags and the time.
    let nodes = MAGIC.len() + 16;
    for (at, bytes, words) in [
        (12, 8u64, "flags 0x8 are not known"),
        (nodes, 0, "there are no nodes"),
        (nodes, 1 << 60, "1152921504606846976 rows, and there are 4294967279 at most"),
    ] {
        let line = answer(|parts| parts.set_header(at, &bytes.to_le_bytes()[..if at == 12 { 4 } else { 8 }]));
        assert_eq!(line, format!("malformed snapshot in `header` at byte 0: {words}"));
    }
    for (index, section) in ["nodes", "edges", "places", "locations", "detachedness", "strings"].iter().enumerate() {
        let line = answer(|parts| parts.set_header(nodes + 8 * index, &9u64.to_le_bytes()));
        assert!(line.starts_with(&format!("malformed snapshot in `{section}` at byte ")), "{line}");
        assert!(line.ends_with("rows where the header says 9"), "{line}");
    }
    // Fewer than are referred to.
    let line = answer(|parts| parts.set_header(nodes, &2u64.to_le_bytes()));
    assert!(line.ends_with("leads to no node"), "{line}");
}

#[test]
fn what_a_block_cannot_be() {
    let of = |section: Section, words: &str, change: &dyn Fn(&mut BlockHead)| {
        let line = answer(|parts| change(&mut parts.block(section).0));
        assert!(line.starts_with("malformed snapshot in `") && line.ends_with(words), "{line}");
    };
    of(Section::Edges, "a block of 4000000000 bytes, expected 5243904 at most", &|head| head.length = 4_000_000_000);
    of(Section::Edges, "a block of 131073 rows, expected 1 to 131072", &|head| head.rows = 131_073);
    of(Section::Edges, "a block of 0 rows, expected 1 to 131072", &|head| head.rows = 0);
    of(Section::Places, "it comes after `edges`", &|head| head.section = 1);
    let line = answer(|parts| parts.block(Section::Nodes).0.length = 5_000_000);
    assert!(line.starts_with("snapshot ends inside `nodes` at byte "), "{line}");
    let line = answer(|parts| parts.blocks.push((BlockHead::of(Section::End, 0, &[]), Vec::new())));
    assert!(
        line.starts_with("malformed snapshot in `end` at byte ") && line.ends_with("there is more behind it"),
        "{line}"
    );
    // A section that a later version has is stepped over.
    let mut parts = Parts::of(&written(&small()));
    let later = BlockHead { section: 9, rows: 3, length: 5, checksum: 0 };
    parts.blocks.insert(7, (later, b"later".to_vec()));
    assert_eq!(read_bytes(&parts.file()).unwrap().node_count(), 3);
}

/// Where a column begins in a body: its coding, its packing, its width.
fn columns(body: &[u8]) -> Vec<usize> {
    let mut at = 0;
    let mut places = Vec::new();
    while at < body.len() {
        places.push(at);
        at += chunk::HEAD + u32::from_le_bytes(*body[at + 4..].first_chunk().unwrap()) as usize;
    }
    places
}

#[test]
fn what_a_column_cannot_be() {
    let of = |section: Section, column: usize, words: &str, change: &dyn Fn(&mut [u8])| {
        let line = answer(|parts| {
            let body = &mut parts.block(section).1;
            let at = columns(body)[column];
            change(&mut body[at..]);
        });
        let place = format!(" in `{}` at byte ", section.name());
        assert!(line.contains(&place) && line.ends_with(words), "{line}");
    };
    // Kinds, names, ids, sizes, counts of edges: two strings, three nodes, two edges; all are stored as they are.
    let value = chunk::HEAD;
    of(Section::Nodes, 0, "node 1 of the block is of no kind that there is", &|kinds| kinds[value + 1] = 17);
    of(Section::Nodes, 1, "node 2 of the block has a name that is not in `strings`", &|names| names[value + 2] = 99);
    of(Section::Nodes, 2, "a column has coding 9, which is none", &|ids| ids[0] = 9);
    of(Section::Nodes, 2, "a column has packing 2, which is none", &|ids| ids[1] = 2);
    of(Section::Nodes, 2, "a column is 9 bytes wide", &|ids| ids[2] = 9);
    of(Section::Nodes, 2, "a column of nodes is coded as one of edges", &|ids| ids[0] = 3);
    of(Section::Nodes, 3, "a column has another length than its rows", &|sizes| sizes[2] = 2);
    of(Section::Nodes, 4, "a column ends early", &|counts| counts[4..8].fill(255));
    of(Section::Edges, 0, "edge 0 of the block is of no kind that there is", &|kinds| kinds[value] = 9);
    of(Section::Edges, 1, "edge 0 of the block has a name that is not in `strings`", &|names| names[value] = 99);
    of(Section::Edges, 3, "edge 1 of the block leads to no node", &|targets| targets[value + 1] = 6);
    of(Section::Edges, 3, "the targets are coded as another column", &|targets| targets[0] = 0);
    of(Section::Edges, 3, "a column cannot be decompressed", &|targets| targets[1] = 1);
    of(Section::Locations, 0, "row 0 of the block says 9, expected less than 3", &|nodes| nodes[8] = 9);
    of(Section::Detachedness, 1, "row 0 of the block is neither attached nor detached", &|states| states[value] = 3);
    of(Section::Text, 0, "of the block's text is no UTF-8", &|text| text[value + 1] = 0xff);
    of(Section::Text, 0, "a column of bytes is coded", &|text| text[0] = 1);
    of(Section::Strings, 0, "string 1 ends behind all text", &|lengths| lengths[value + 1] = 99);
    of(Section::Strings, 0, "string 1 ends within a character", &|lengths| lengths[value + 1] = 2);
    let of_whole = |section: Section, column: usize, words: &str, change: &dyn Fn(&mut [u8])| {
        let line = answer(|parts| {
            let body = &mut parts.block(section).1;
            let at = columns(body)[column];
            change(&mut body[at..]);
        });
        assert!(line.ends_with(words), "{line}");
    };
    of_whole(Section::Nodes, 4, ": 2 rows where the nodes' own counts add up to 3", &|counts| counts[value + 1] = 2);
    of_whole(Section::Strings, 0, ": 4 bytes where the strings have 1", &|lengths| lengths[value + 2] = 0);
}

/// A file of blocks of which each takes a hundred bytes and unfolds to three million.
#[test]
fn what_unfolds_to_thousands_of_times_its_size_is_refused() {
    let mut parts = Parts::of(&written(&small()));
    let nodes = MAGIC.len() + 16;
    parts.set_header(nodes, &(1u64 << 31).to_le_bytes());
    let kinds = zstd::bulk::compress(&vec![1; BLOCK_ROWS], 1).unwrap();
    let mut body = vec![0, 1, 1, 0];
    body.extend_from_slice(&(kinds.len() as u32).to_le_bytes());
    body.extend_from_slice(&[0; 8]);
    body.extend_from_slice(&kinds);
    body.extend_from_slice(&[0; 4 * chunk::HEAD]);
    let block = (BlockHead::of(Section::Nodes, BLOCK_ROWS, &body), body);
    parts.blocks.splice(0..0, std::iter::repeat_n(block, 1000));
    let file = parts.file();
    match read_bytes(&file) {
        Err(SnapshotError::TooLarge { section: "nodes", offset, .. }) => {
            assert!(offset < 10_000, "{offset} of {}", file.len())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn damage_in_a_file_of_many_blocks_is_told_by_its_place() {
    let bytes = written(&large());
    for part in 1..20 {
        let mut damaged = bytes.clone();
        let at = bytes.len() / 20 * part;
        damaged[at] ^= 0x40;
        let error = read_bytes(&damaged).expect_err("it is damaged");
        assert_eq!(error.code(), "ERR_LEAKHUNT_SNAPSHOT_CORRUPT", "{error}");
    }
}

proptest! {
    /// Bytes are changed, and the checksums hold: what is read may be another graph, and is one.
    #[test]
    fn any_change_is_survived(
        graph in heaps(12, 30),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut parts = Parts::of(&written(&graph));
        for (block, at, byte) in changes {
            let place = block.index(parts.blocks.len());
            let (head, body) = &mut parts.blocks[place];
            if body.is_empty() {
                head.rows ^= u32::from(byte);
            } else {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        if let Ok(read) = read_bytes(&parts.file()) {
            // Everything in it can be looked at.
            super::super::reading_tests::told(&read);
            super::super::Dominators::compute(&read);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = [&MAGIC[..], &VERSION.to_le_bytes(), &bytes].concat();
        prop_assert!(read_bytes(&file).is_err());
    }
}
