//! The graph of a heap from its own pages: what a snapshot of V8's has, without its generator.
//!
//! [`build_graph`] walks the pages twice. The first walk makes a node of each object and a table that finds it by address ([`starts`]); names and kinds follow, by map where all
//! objects of a map have one ([`nodes`], [`kinds`]). Then every object's edges are told, under V8's names as far as they are known ([`edges`] and the files beside it), and by
//! number otherwise: no word that points to an object is left out. What nothing holds is held from native code ([`roots`]). `docs/heap-pages.md` has each rule.

mod dispatch;
mod edges;
mod ephemerons;
mod fields;
mod identity;
mod kin;
mod kinds;
mod layout;
mod nodes;
mod plan;
mod receivers;
mod roots;
mod scopes;
mod starts;
mod teller;

#[cfg(test)]
mod tests;

pub use layout::EdgeLayout;

use self::dispatch::{Dispatch, SAMPLES};
use self::edges::Edges;
use self::nodes::{Namer, Nodes, Tabled, find_nodes};
use self::roots::Roots;
use self::teller::Teller;
use super::chunk::Chunk;
use super::handles::strong_handles;
use super::layout::Layout;
use super::outside::Outside;
use super::places::Places;
use super::regions::{Regions, pointee};
use super::walker::Walked;
use crate::heap::{Graph, NodeIdx, NodeType};
use std::ops::Range;
use std::rc::Rc;

/// A graph, and what was walked over for it.
#[derive(Debug)]
pub struct PagesGraph {
    pub graph: Graph,
    pub walked: Walked,
}

/// Builds the graph of all objects on `chunks`. `unused` as for [`Walker::new`](super::Walker::new); `outside` is where the code of functions is looked up, in versions that have it there.
///
/// Takes some 16 bytes for each object and 8 for each edge, and the text of strings up to 1,024 characters, each text once.
pub fn build_graph(
    regions: &Regions<'_>,
    layout: &Layout,
    chunks: &[Chunk],
    unused: Vec<Range<u64>>,
    outside: &Outside<'_>,
) -> PagesGraph {
    let mut nodes = find_nodes(regions, layout, chunks, unused);
    let places = Places::new(regions, layout);
    Namer::new(regions, layout, &places).name_all(&mut nodes);
    let Nodes {
        builder,
        starts,
        maps,
        extents,
        tables,
        native_contexts,
        learnt,
        walked,
        tabled,
        read_only,
        functions,
        ..
    } = nodes;
    let objects = builder.node_count() as u32 - 1;
    let nothing = nothings(&builder, &read_only);
    let mut teller = Teller::new(builder, starts, &nothing, read_only);
    let roots = roots(regions, &teller, &native_contexts, tabled, outside, layout.types.is_26());
    let gc_roots_name = teller.builder.text("(GC roots)");
    let gc_roots = NodeIdx(objects + 1);
    roots.tell_first(&mut teller, gc_roots);
    let dispatch = layout.edges.function_dispatch.map(|at| {
        let handles = functions.iter().filter_map(|function| regions.word(function + 8 * at as u64));
        let handles: Vec<u64> = handles.filter(|handle| *handle != 0).take(SAMPLES).collect();
        Dispatch::find(regions, layout, outside, &handles)
    });
    let mut edges = Edges::new(regions, layout, maps, teller, learnt, dispatch);
    if let Some(kind) = learnt.ephemerons {
        edges.find_ephemerons(&tables, kind);
    }
    let starts = Rc::clone(&edges.teller.starts);
    for (row, address) in starts.addresses().enumerate() {
        edges.tell(NodeIdx(row as u32 + 1), address, extents[row + 1]);
    }
    let gc_roots = edges.teller.builder.node(NodeType::Synthetic, gc_roots_name, 3, 0);
    edges.add_stores();
    let mut teller = edges.teller;
    roots.tell_rest(&mut teller, gc_roots, objects);
    PagesGraph { graph: teller.builder.finish(), walked }
}

/// Undefined, holes and their like.
fn nothings(builder: &crate::heap::GroupedBuilder, read_only: &[Range<u32>]) -> Vec<NodeIdx> {
    let is_nothing = |node: &NodeIdx| {
        builder.kind(*node) == NodeType::Hidden
            && matches!(builder.text_of(builder.name(*node)), "system / Oddball" | "system / Hole")
    };
    read_only.iter().cloned().flatten().map(NodeIdx).filter(is_nothing).collect()
}

/// Whatever holds objects from outside, as nodes. Without a list of handles the program's native contexts are taken to have one each. Others that have a handle have a weak one: what is
/// made in them holds them.
///
/// The global object of a realm is the first slot behind those that all contexts have. V8 takes for the program's own what an embedder holds; Node tags that one, and none that
/// `vm.createContext()` makes. From Node 26 on it takes the native context, which holds the global object.
fn roots(
    regions: &Regions<'_>,
    teller: &Teller,
    native_contexts: &[u64],
    tabled: Tabled,
    outside: &Outside<'_>,
    holds_context: bool,
) -> Roots {
    let global = |context: &u64| teller.starts.at(pointee(regions.word(context + 32)?)?);
    let globals: Vec<NodeIdx> = native_contexts.iter().filter_map(global).collect();
    let name = |global: &NodeIdx| teller.builder.text_of(teller.builder.name(*global));
    let is_nodes = |global: &NodeIdx| matches!(name(global), "global" | "global (global*)");
    let is_there = globals.iter().any(is_nodes);
    let of_program = |context: &&u64| !is_there || global(context).as_ref().is_some_and(is_nodes);
    let program = native_contexts.iter().filter(of_program);
    let contexts: Vec<NodeIdx> = program.clone().filter_map(|context| teller.starts.at(*context)).collect();
    let nodes_at = |addresses: &[u64]| addresses.iter().filter_map(|address| teller.starts.at(*address)).collect();
    let handles: Vec<NodeIdx> = nodes_at(&strong_handles(outside));
    Roots {
        program: if holds_context { contexts.clone() } else { program.filter_map(global).collect() },
        handles: if handles.is_empty() { contexts } else { handles },
        isolate: nodes_at(&outside.pointees()),
        stack: nodes_at(&outside.on_stack()),
        read_only: teller.read_only.iter().cloned().flatten().map(NodeIdx).collect(),
        tabled,
    }
}
