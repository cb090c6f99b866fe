//! What is there and no longer belongs anywhere: native things that their embedder let go of, and contexts (globals of their own, as `vm` makes
//! them) that only their own functions and objects still keep.

use rustc_hash::{FxHashMap, FxHashSet};

use super::descent::{Visit, descend};
use super::dominators::DominatorChildren;
use super::essential::BitSet;
use super::graph::{Edge, EdgeName, Graph};
use super::kinds::{Attachment, EdgeType, NodeType};
use super::units::NodeIdx;

/// The native things before whose class DevTools writes `Detached`, in the file's order. The embedder says of some whether
/// they are attached; what an attached one reaches through native things is attached too, and of the rest what a detached
/// one reaches so is detached.
pub fn detached_natives(graph: &Graph) -> Vec<NodeIdx> {
    let is_native = |node: NodeIdx| graph.node_type(node) == NodeType::Native;
    if graph.attachments().is_empty() {
        // V8 wrote it into the name before it had a column for it.
        return graph.nodes().filter(|&node| is_native(node) && graph.name(node).starts_with("Detached ")).collect();
    }
    let mut seen = BitSet::new(graph.node_count());
    for &(node, _) in graph.attachments() {
        seen.add(node.row());
    }
    let mut spread = |state: Attachment| {
        let known = graph.attachments().iter().filter(|(node, known)| *known == state && is_native(*node));
        let mut found: Vec<NodeIdx> = known.map(|&(node, _)| node).collect();
        let mut next = 0;
        while let Some(&node) = found.get(next) {
            next += 1;
            let links = graph.edges(node).filter(|edge| !matches!(edge.kind, EdgeType::Hidden | EdgeType::Weak));
            for edge in links.filter(|edge| is_native(edge.to)) {
                if seen.add(edge.to.row()) {
                    found.push(edge.to);
                }
            }
        }
        found
    };
    spread(Attachment::Attached);
    let mut detached = spread(Attachment::Detached);
    detached.sort();
    detached
}

/// A realm of JavaScript: the program's own, one for each `vm.createContext()`, one for each frame of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeContext {
    pub node: NodeIdx,
    /// The object by which others know the context: the one that was given to `vm.createContext()`, else its global object.
    pub known_as: Option<NodeIdx>,
    /// That object is reached through the context alone: whoever made the context has let it go, and a function or an object
    /// of it keeps it alive. Also where V8 says so in its name.
    pub detached: bool,
}

/// All contexts, in the file's order.
pub fn native_contexts(graph: &Graph, children: &DominatorChildren) -> Vec<NativeContext> {
    let mut found = Vec::new();
    // By the object that a context is known as, the contexts' places in `found`.
    let mut known: FxHashMap<NodeIdx, Vec<usize>> = FxHashMap::default();
    // Few of the names are such, so that those of nearly all nodes need not be read.
    let names: FxHashMap<u32, bool> =
        graph.strings.iter().filter_map(|(number, name)| Some((number, is_of_native_context(name)?))).collect();
    for node in graph.nodes() {
        let Some(&detached) = names.get(&graph.names[node.row()]) else { continue };
        if !matches!(graph.node_type(node), NodeType::Hidden | NodeType::Object | NodeType::Native) {
            continue;
        }
        let known_as = sandbox(graph, node)
            .or_else(|| graph.target(node, EdgeType::Internal, "global_proxy_object"))
            .or_else(|| graph.target(node, EdgeType::Internal, "extension"));
        if let Some(object) = known_as {
            known.entry(object).or_default().push(found.len());
        }
        found.push(NativeContext { node, known_as, detached });
    }
    // What V8 takes for a root of the program: up to Node 24 the global object, which then is not reached through the context alone; after it the context.
    let own = graph.edges(graph.root()).filter(|edge| edge.kind == EdgeType::Shortcut).map(|edge| edge.to);
    let own: FxHashSet<NodeIdx> = own.collect();
    let contexts: FxHashSet<NodeIdx> =
        found.iter().map(|context| context.node).filter(|node| !own.contains(node)).collect();
    if contexts.is_empty() {
        return found;
    }
    let mut above: FxHashSet<NodeIdx> = FxHashSet::default();
    descend(
        children,
        graph.root(),
        |_| true,
        |visit| match visit {
            Visit::Enter(node) => {
                for &at in known.get(&node).into_iter().flatten() {
                    found[at].detached |= above.contains(&found[at].node);
                }
                if contexts.contains(&node) {
                    above.insert(node);
                }
            }
            Visit::Leave(node) => {
                above.remove(&node);
            }
        },
    );
    found
}

/// Whether a name is that of one, and then whether V8 calls it detached. Followed by the page's address in a browser.
fn is_of_native_context(name: &str) -> Option<bool> {
    let attached = name.strip_prefix("Detached ").unwrap_or(name);
    let rest = attached.strip_prefix("system / NativeContext")?;
    (rest.is_empty() || rest.starts_with(" / ")).then_some(attached.len() != name.len())
}

/// Node's own symbol; redacted in files that were made before it was known not to be the program's.
const CONTEXT_SYMBOL: &str = "<symbol node:contextify:context>";

/// The object that Node made the context for: a symbol of Node's leads back from it to Node's own part of the context. Where the symbol's name is redacted that one is known by its class; up to Node 22
/// there is an object of JavaScript in between. A heap told from its pages has nothing of Node's own in it, and the symbol's name.
fn sandbox(graph: &Graph, context: NodeIdx) -> Option<NodeIdx> {
    let data = graph.target(context, EdgeType::Internal, "embedder_data")?;
    let is_nodes =
        |node: NodeIdx| graph.node_type(node) == NodeType::Native && graph.name(node) == "Node / ContextifyContext";
    let leads_back = |to: NodeIdx| {
        is_nodes(to) || graph.target(to, EdgeType::Internal, "javascript_to_native").is_some_and(is_nodes)
    };
    let is_by_symbol = |name: EdgeName<'_>| matches!(name, EdgeName::Name(name) if name.starts_with("<symbol "));
    let is_contexts = |edge: &Edge<'_>| {
        edge.kind == EdgeType::Property
            && is_by_symbol(edge.name)
            && (edge.name == EdgeName::Name(CONTEXT_SYMBOL) || leads_back(edge.to))
    };
    let is_sandbox = |node: NodeIdx| graph.edges(node).any(|edge| is_contexts(&edge));
    graph.edges(data).map(|edge| edge.to).find(|&to| graph.node_type(to) == NodeType::Object && is_sandbox(to))
}

#[cfg(test)]
mod tests {
    use super::super::{Dominators, GraphBuilder};
    use super::*;

    #[test]
    fn detachment_spreads_through_native_things_and_attachment_goes_first() {
        // page > shared, lost > shared, lost > part > script object > beyond; lost > known, which says that it is attached
        let mut heap = GraphBuilder::new();
        let [page, lost, shared, part, known, beyond, faint] =
            ["page", "lost", "shared", "part", "known", "beyond", "faint"].map(|n| heap.node(NodeType::Native, n, 8));
        let script = heap.node(NodeType::Object, "Wrapper", 8);
        for (from, kind, to) in [
            (page, EdgeType::Property, shared),
            (lost, EdgeType::Property, shared),
            (lost, EdgeType::Property, part),
            (lost, EdgeType::Property, known),
            (lost, EdgeType::Weak, faint),
            (part, EdgeType::Property, script),
            (script, EdgeType::Property, beyond),
        ] {
            heap.edge(from, kind, "x", to);
        }
        heap.attach(known, Attachment::Attached);
        heap.attach(lost, Attachment::Detached);
        heap.attach(page, Attachment::Attached);
        // A thing of JavaScript that says so is not native, and nothing spreads from it.
        heap.attach(script, Attachment::Detached);
        assert_eq!(detached_natives(&heap.build()), [lost, part]);
    }

    #[test]
    fn old_files_say_it_in_the_name() {
        let mut heap = GraphBuilder::new();
        let lost = heap.node(NodeType::Native, "Detached <div>", 8);
        heap.node(NodeType::Native, "<div>", 8);
        heap.node(NodeType::Object, "Detached thing", 8);
        assert_eq!(detached_natives(&heap.build()), [lost]);
    }

    /// A context as `vm.createContext(sandbox)` makes it, up to Node 22 with an object between the sandbox and Node's part; returns it, its
    /// sandbox and a function of it.
    fn context(heap: &mut GraphBuilder, symbol: &str, between: bool) -> [NodeIdx; 3] {
        let context = heap.node(NodeType::Hidden, "system / NativeContext", 100);
        let proxy = heap.node(NodeType::Object, "global", 8);
        let data = heap.node(NodeType::Hidden, "system / EmbedderDataArray", 8);
        let sandbox = heap.node(NodeType::Object, "Object", 8);
        let wrapper = heap.node(NodeType::Native, "Node / ContextifyContext", 8);
        let function = heap.node(NodeType::Closure, "run", 8);
        heap.edge(context, EdgeType::Internal, "global_proxy_object", proxy);
        heap.edge(context, EdgeType::Internal, "embedder_data", data);
        heap.edge(data, EdgeType::Hidden, 32, sandbox);
        let next = if between { heap.node(NodeType::Object, "Object", 8) } else { wrapper };
        heap.edge(sandbox, EdgeType::Property, symbol, next);
        if between {
            heap.edge(next, EdgeType::Internal, "javascript_to_native", wrapper);
        }
        heap.edge(wrapper, EdgeType::Element, 4, context);
        heap.edge(function, EdgeType::Internal, "context", context);
        [context, sandbox, function]
    }

    #[test]
    fn a_context_is_detached_when_only_its_own_functions_keep_it() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let main = heap.node(NodeType::Hidden, "system / NativeContext", 100);
        let global = heap.node(NodeType::Object, "global", 8);
        heap.edge(root, EdgeType::Shortcut, "global", global);
        heap.edge(global, EdgeType::Internal, "native_context", main);
        heap.edge(main, EdgeType::Internal, "global_proxy_object", global);
        let [used, sandbox, own] = context(&mut heap, "<symbol node:contextify:context>", false);
        heap.edge(global, EdgeType::Property, "sandbox", sandbox);
        heap.edge(global, EdgeType::Property, "own", own);
        // As a redaction leaves it.
        let [old, given, of_old] = context(&mut heap, "<symbol [23 chars #0123456789abcdef]>", true);
        heap.edge(global, EdgeType::Property, "given", given);
        heap.edge(global, EdgeType::Property, "ofOld", of_old);
        let [left, lost, run] = context(&mut heap, "<symbol node:contextify:context>", false);
        heap.edge(global, EdgeType::Property, "run", run);
        let said = heap.node(NodeType::Hidden, "Detached system / NativeContext / https://example.com", 100);
        heap.edge(global, EdgeType::Property, "said", said);
        heap.node(NodeType::Hidden, "system / NativeContextual", 100);
        let graph = heap.build();
        let found = native_contexts(&graph, &Dominators::compute(&graph).children());
        let told: Vec<_> = found.iter().map(|context| (context.node, context.known_as, context.detached)).collect();
        assert_eq!(
            told,
            [
                (main, Some(global), false),
                (used, Some(sandbox), false),
                (old, Some(given), false),
                (left, Some(lost), true),
                (said, None, true)
            ]
        );
    }

    #[test]
    fn the_programs_own_context_is_what_v8_takes_for_a_root() {
        for (kind, detached) in [(EdgeType::Shortcut, false), (EdgeType::Internal, true)] {
            let mut heap = GraphBuilder::new();
            let context = heap.node(NodeType::Hidden, "system / NativeContext", 100);
            let global = heap.node(NodeType::Object, "global", 8);
            heap.edge(heap.root(), kind, "2", context);
            heap.edge(context, EdgeType::Internal, "global_proxy_object", global);
            let graph = heap.build();
            let found = native_contexts(&graph, &Dominators::compute(&graph).children());
            assert_eq!(found, [NativeContext { node: context, known_as: Some(global), detached }]);
        }
    }
}
