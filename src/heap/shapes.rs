//! Plain objects by what is in them. A literal has no class but `Object`; its first property names say what it is.

use std::collections::HashMap;

use super::graph::{EdgeName, Graph};
use super::histogram::Tally;
use super::kinds::{EdgeType, NodeType};
use super::units::{Bytes, NodeIdx};

/// A shape's name takes no more property names when it would be longer than this, as in DevTools. A single property is cut.
const LONGEST: usize = 120;

/// Plain objects whose first properties have the same names in the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeRow {
    /// `{id, name}`: as DevTools calls such an interface.
    pub name: String,
    pub count: u64,
    pub shallow: Bytes,
}

/// All shapes, the largest first; and for each node its row, or [`NO_SHAPE`].
#[derive(Clone, Debug)]
pub struct Shapes {
    pub rows: Vec<ShapeRow>,
    pub of_node: Vec<u32>,
}

/// The node is no plain object.
pub const NO_SHAPE: u32 = u32::MAX;

impl Shapes {
    /// V8 writes no edge for a small integer, so properties that hold one are not seen, unless the snapshot was taken with
    /// numbers in it.
    pub fn collect(graph: &Graph) -> Shapes {
        // Keyed by text that others choose: the standard hasher cannot be flooded.
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut tallies: Vec<Tally> = Vec::new();
        let mut of_node = vec![NO_SHAPE; graph.node_count()];
        let mut name = String::new();
        for node in graph.nodes() {
            if !write_shape(graph, node, &mut name) {
                continue;
            }
            let number = numbers.get(&name).copied().unwrap_or_else(|| {
                numbers.insert(name.clone(), tallies.len() as u32);
                tallies.push(Tally::default());
                tallies.len() as u32 - 1
            });
            tallies[number as usize].add_one(graph.self_size(node));
            of_node[node.row()] = number;
        }
        let mut sorted: Vec<(String, u32)> = numbers.into_iter().collect();
        sorted.sort_by(|a, b| {
            let size = |number: u32| tallies[number as usize].size;
            size(b.1).cmp(&size(a.1)).then_with(|| a.0.cmp(&b.0))
        });
        let mut rank = vec![0; tallies.len()];
        for (at, (_, number)) in sorted.iter().enumerate() {
            rank[*number as usize] = at as u32;
        }
        for number in of_node.iter_mut().filter(|number| **number != NO_SHAPE) {
            *number = rank[*number as usize];
        }
        let row = |(name, number): (String, u32)| {
            let Tally { count, size } = tallies[number as usize];
            ShapeRow { name, count, shallow: size }
        };
        Shapes { rows: sorted.into_iter().map(row).collect(), of_node }
    }
}

/// The shape of one plain object; nothing for anything else.
pub fn shape_of(graph: &Graph, node: NodeIdx) -> Option<String> {
    let mut name = String::new();
    write_shape(graph, node, &mut name).then_some(name)
}

/// Writes the shape over `name`. False for what is no plain object.
fn write_shape(graph: &Graph, node: NodeIdx, name: &mut String) -> bool {
    if graph.node_type(node) != NodeType::Object || graph.name(node) != "Object" {
        return false;
    }
    name.clear();
    name.push('{');
    for edge in graph.edges(node).filter(|edge| edge.kind == EdgeType::Property) {
        let EdgeName::Name(property) = edge.name else { continue };
        if property == "__proto__" {
            continue;
        }
        let start = name.len();
        if start > 1 {
            name.push_str(", ");
        }
        push_property(name, property);
        if start > 1 && name.len() > LONGEST {
            name.truncate(start);
            break;
        }
    }
    name.push('}');
    true
}

/// Names that would be mistaken for the punctuation around them are quoted.
fn push_property(name: &mut String, property: &str) {
    let end = property.char_indices().nth(LONGEST).map_or(property.len(), |(at, _)| at);
    let (property, rest) = property.split_at(end);
    if property.contains([',', '\'', '"', '{', '}']) {
        name.push_str(&serde_json::Value::from(property).to_string());
    } else {
        name.push_str(property);
    }
    if !rest.is_empty() {
        name.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    /// A heap with one plain object for each list of property names, of the size given.
    fn heap_of(objects: &[(&[&str], u64)]) -> (Graph, Vec<NodeIdx>) {
        let mut heap = GraphBuilder::new();
        let value = heap.node(NodeType::String, "text", 16);
        let nodes = objects.iter().map(|(properties, size)| {
            let object = heap.node(NodeType::Object, "Object", *size);
            heap.edge(object, EdgeType::Property, "__proto__", value);
            heap.edge(object, EdgeType::Internal, "map", value);
            for property in *properties {
                heap.edge(object, EdgeType::Property, *property, value);
            }
            object
        });
        let nodes = nodes.collect();
        heap.node(NodeType::Object, "Record", 1000);
        (heap.build(), nodes)
    }

    #[test]
    fn objects_are_grouped_by_the_names_of_their_properties_in_order() {
        let (graph, nodes) =
            heap_of(&[(&["id", "name"], 24), (&["name", "id"], 24), (&[], 16), (&["id", "name"], 32), (&["a,b"], 8)]);
        let shapes = Shapes::collect(&graph);
        let rows: Vec<_> = shapes.rows.iter().map(|row| (row.name.as_str(), row.count, row.shallow.0)).collect();
        assert_eq!(rows, [("{id, name}", 2, 56), ("{name, id}", 1, 24), ("{}", 1, 16), ("{\"a,b\"}", 1, 8)]);
        let of: Vec<u32> = nodes.iter().map(|node| shapes.of_node[node.row()]).collect();
        assert_eq!(of, [0, 1, 2, 0, 3]);
        assert_eq!(shapes.of_node[0], NO_SHAPE);
        assert_eq!(shape_of(&graph, nodes[4]).as_deref(), Some("{\"a,b\"}"));
        assert_eq!(shape_of(&graph, graph.root()), None);
    }

    #[test]
    fn a_long_name_stops_before_the_property_that_does_not_fit() {
        let long = "x".repeat(200);
        let (graph, nodes) = heap_of(&[(&[&long, "a"], 8), (&["a", &long, "b"], 8)]);
        assert_eq!(shape_of(&graph, nodes[0]), Some(format!("{{{}…}}", &long[..LONGEST])));
        assert_eq!(shape_of(&graph, nodes[1]).as_deref(), Some("{a}"));
    }
}
