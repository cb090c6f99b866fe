//! A graph written as V8 writes one: what builders build can go through the reader, and to other tools.

use std::io::{self, Write};

use super::classes::ALL_KINDS;
use super::graph::Graph;
use super::kinds::EdgeType;

/// Writes `graph` as the text of a `.heapsnapshot`, in the layout of Node 22 and later.
pub fn write_snapshot(graph: &Graph, out: &mut impl Write) -> io::Result<()> {
    let kinds: Vec<&str> = ALL_KINDS.iter().map(|kind| kind.name()).collect();
    let edge_kinds: Vec<&str> = EdgeType::ALL.iter().map(|kind| kind.name()).collect();
    let header = serde_json::json!({
        "meta": {
            "node_fields": ["type", "name", "id", "self_size", "edge_count", "detachedness"],
            "node_types": [kinds, "string", "number", "number", "number", "number"],
            "edge_fields": ["type", "name_or_index", "to_node"],
            "edge_types": [edge_kinds, "string_or_number", "node"],
            "location_fields": ["object_index", "script_id", "line", "column"],
        },
        "node_count": graph.node_count(),
        "edge_count": graph.edge_count(),
    });
    const FIELDS: u32 = 6;
    write!(out, "{{\"snapshot\":{header},\n\"nodes\":[")?;
    let mut attached = graph.attachments().iter().peekable();
    for node in graph.nodes() {
        let attachment = attached.next_if(|(of, _)| *of == node).map_or(0, |(_, state)| state.number());
        let comma = if node == graph.root() { "" } else { "," };
        let kind = graph.node_type(node) as u32;
        let (name, id, size) = (graph.names[node.row()], graph.id(node), graph.self_size(node).0);
        writeln!(out, "{comma}{kind},{name},{id},{size},{},{attachment}", graph.edge_rows(node).len())?;
    }
    write!(out, "],\n\"edges\":[")?;
    for row in 0..graph.edge_count() {
        let comma = if row == 0 { "" } else { "," };
        let (kind, name, to) = (graph.edges.kind(row), graph.edges.name_or_index(row), graph.edges.to(row));
        writeln!(out, "{comma}{},{name},{}", kind as u32, u64::from(to) * u64::from(FIELDS))?;
    }
    write!(out, "],\n\"locations\":[")?;
    for (row, (node, place)) in graph.places.iter().enumerate() {
        let comma = if row == 0 { "" } else { "," };
        let object = u64::from(node.0) * u64::from(FIELDS);
        writeln!(out, "{comma}{object},{},{},{}", place.script_id, place.line, place.column)?;
    }
    write!(out, "],\n\"strings\":[")?;
    for (number, text) in graph.strings.iter() {
        let comma = if number == 0 { "" } else { ",\n" };
        write!(out, "{comma}{}", serde_json::Value::from(text))?;
    }
    writeln!(out, "]}}")
}

#[cfg(test)]
mod tests {
    use super::super::random::heaps;
    use super::super::reading_tests::told;
    use super::super::{GraphAssembler, SnapshotParser};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(graph in heaps(30, 80), piece in 1usize..200) {
            let mut text = Vec::new();
            write_snapshot(&graph, &mut text).unwrap();
            let mut parser = SnapshotParser::new(GraphAssembler::new());
            for piece in text.chunks(piece) {
                parser.feed(piece).unwrap();
            }
            let read = parser.finish().unwrap().into_graph();
            prop_assert_eq!(told(&read), told(&graph));
        }
    }
}
