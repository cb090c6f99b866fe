//! Code that is being loaded: a program that requires a module late grows by that module, once for each file there is. What makes
//! it a leak is the same file again and again.

use crate::heap::{Dominators, EdgeType, Graph, NodeIdx};
use rustc_hash::FxHashSet;

/// Instances that are looked at.
const SAMPLE: usize = 256;
/// From a part of a module up to the module: its paths, its children, its exports.
const NEAR: usize = 6;

/// Are these functions of many sources, rather than many of one?
pub fn are_of_many_sources(graph: &Graph, functions: &[NodeIdx]) -> bool {
    let sources: FxHashSet<_> =
        functions.iter().filter_map(|&f| graph.target(f, EdgeType::Internal, "shared")).collect();
    2 * sources.len() > functions.len()
}

/// Are these Node's records of modules, or what belongs to one, and is each module another file?
pub fn are_of_many_modules(graph: &Graph, dominators: &Dominators, things: &[NodeIdx]) -> bool {
    let step = (things.len() / SAMPLE).max(1);
    let looked_at: Vec<NodeIdx> = things.iter().copied().step_by(step).collect();
    let modules: Vec<NodeIdx> = looked_at.iter().filter_map(|&thing| module_of(graph, dominators, thing)).collect();
    if 2 * modules.len() <= looked_at.len() {
        return false;
    }
    let modules: FxHashSet<NodeIdx> = modules.into_iter().collect();
    let files: FxHashSet<&str> = modules.iter().filter_map(|&module| file_of(graph, module)).collect();
    2 * files.len() > modules.len()
}

fn module_of(graph: &Graph, dominators: &Dominators, thing: NodeIdx) -> Option<NodeIdx> {
    let mut at = Some(thing);
    for _ in 0..NEAR {
        match at {
            Some(node) if file_of(graph, node).is_some() => return Some(node),
            Some(node) => at = dominators.idom(node),
            None => return None,
        }
    }
    None
}

/// The file of a CommonJS `Module`, of which another `Module` is a child. Redaction leaves a text its own number.
fn file_of(graph: &Graph, node: NodeIdx) -> Option<&str> {
    if graph.class_name(node) != "Module" {
        return None;
    }
    graph.target(node, EdgeType::Property, "children")?;
    graph.target(node, EdgeType::Property, "filename").map(|file| graph.name(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{GraphBuilder, NodeType};

    /// A parent with a child for each file, each child with `paths` and a text in them; the texts are returned.
    fn modules(files: &[&str]) -> (Graph, Dominators, Vec<NodeIdx>) {
        let mut heap = GraphBuilder::new();
        let objects = |class: &str, of: NodeIdx, edge: &str, heap: &mut GraphBuilder| {
            let node = heap.node(NodeType::Object, class, 32);
            heap.edge(of, EdgeType::Property, edge, node);
            node
        };
        let root = heap.root();
        let children = objects("Array", root, "children", &mut heap);
        let texts = files.iter().map(|file| {
            let module = objects("Module", children, "0", &mut heap);
            objects("Array", module, "children", &mut heap);
            let paths = objects("Array", module, "paths", &mut heap);
            for (of, edge, text) in [(module, "filename", *file), (paths, "0", "/node_modules")] {
                let string = heap.node(NodeType::String, text, 24);
                heap.edge(of, EdgeType::Property, edge, string);
            }
            paths
        });
        let texts = texts.collect();
        let graph = heap.build();
        let dominators = Dominators::compute(&graph);
        (graph, dominators, texts)
    }

    #[test]
    fn modules_of_many_files_are_code_that_is_loaded() {
        let (graph, dominators, parts) = modules(&["/a.js", "/b.js", "/c.js", "/c.js"]);
        assert!(are_of_many_modules(&graph, &dominators, &parts));
    }

    #[test]
    fn one_file_that_is_loaded_again_and_again_is_not() {
        let (graph, dominators, parts) = modules(&["/a.js", "/a.js", "/a.js", "/b.js"]);
        assert!(!are_of_many_modules(&graph, &dominators, &parts));
    }

    #[test]
    fn what_belongs_to_no_module_is_not() {
        let (graph, dominators, _) = modules(&["/a.js", "/b.js"]);
        let others: Vec<NodeIdx> = graph.nodes().filter(|&node| graph.name(node) == "Array").take(1).collect();
        assert!(!are_of_many_modules(&graph, &dominators, &others));
        assert!(!are_of_many_modules(&graph, &dominators, &[]));
    }
}
