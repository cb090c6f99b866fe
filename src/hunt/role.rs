//! What part a node of the heap plays in a program: a thing that people made, the inside of one, or V8's own machinery.

use super::carrier;
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType};
use crate::redact::is_placeholder;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Something that a program made and a person would know by name.
    Thing,
    /// Text, numbers: things that people know, but that belong to whoever holds them.
    Value,
    /// Inside of a thing: an array's elements, a map's table, a buffer's bytes. Charged to its owner and never shown.
    Inside,
    /// Code, shapes, roots: V8's own, neither charged nor shown.
    Machinery,
}

pub fn role(graph: &Graph, node: NodeIdx) -> Role {
    match graph.node_type(node) {
        NodeType::String | NodeType::ConsString | NodeType::SlicedString => Role::Value,
        NodeType::Number | NodeType::BigInt | NodeType::Symbol => Role::Value,
        NodeType::Array => Role::Inside,
        NodeType::Hidden if is_storage(graph.name(node)) => Role::Inside,
        NodeType::Native if graph.name(node) == "system / JSArrayBufferData" => Role::Inside,
        NodeType::Object | NodeType::Closure | NodeType::RegExp | NodeType::Native => Role::Thing,
        _ => Role::Machinery,
    }
}

/// Whether nodes of one kind may be of different [`role`] or [`class`], by their names.
pub fn depends_on_name(kind: NodeType) -> bool {
    use NodeType::{BigInt, ConsString, Number, SlicedString, String, Symbol};
    !matches!(kind, String | ConsString | SlicedString | Number | BigInt | Symbol | NodeType::Array | NodeType::Code)
}

/// Where V8 keeps what does not fit into an object itself.
fn is_storage(name: &str) -> bool {
    matches!(
        name,
        "system / PropertyArray"
            | "system / ContextCell"
            | "system / EmbedderDataArray"
            | "system / ByteArray"
            | "system / PromiseReaction"
    )
}

pub fn is_context(graph: &Graph, node: NodeIdx) -> bool {
    graph.node_type(node) == NodeType::Object && graph.name(node).starts_with("system / Context")
}

/// The class as this module's answers name it. All strings are one class; functions carry their name, since a class called
/// `(closure)` tells nobody anything; a scope's variables are a `Context`.
pub fn class<'g>(graph: &'g Graph, node: NodeIdx) -> std::borrow::Cow<'g, str> {
    use std::borrow::Cow::{Borrowed, Owned};
    match graph.node_type(node) {
        NodeType::String | NodeType::ConsString | NodeType::SlicedString => Borrowed("(string)"),
        NodeType::Number => Borrowed("(number)"),
        NodeType::BigInt => Borrowed("(bigint)"),
        NodeType::Symbol => Borrowed("(symbol)"),
        NodeType::Closure => {
            let base = format!("function {}", graph.name(node));
            Owned(carrier::class(graph, node, &base).unwrap_or(base))
        }
        _ if is_context(graph, node) => Borrowed(CONTEXT),
        _ => {
            let base = match graph.class_name(node) {
                // Node 26 says so of the object behind the proxy.
                "global (global*)" => "global",
                other => other,
            };
            carrier::class(graph, node, base).map_or(Borrowed(base), Owned)
        }
    }
}

/// What a function without a name and without a place is called.
pub const ANONYMOUS: &str = "(anonymous)";
pub const CONTEXT: &str = "Context";

pub fn is_function_class(class: &str) -> bool {
    class.starts_with("function ")
}

pub fn is_value_class(class: &str) -> bool {
    matches!(class, "(string)" | "(number)" | "(bigint)" | "(symbol)")
}

/// Classes that only carry what people would recognise: the answer names what is inside them, if that grows too.
pub fn is_carrier(class: &str) -> bool {
    let class = carrier::base(class);
    is_function_class(class)
        || matches!(class, CONTEXT | "Timeout" | "Immediate" | "Listener" | "WeakRef" | "BoundFunction")
        || matches!(class, "TCP" | "Pipe" | "TLSWrap" | "HTTPParser")
        || matches!(class, "HTTPServerAsyncResource" | "HTTPClientAsyncResource")
        || matches!(class, "Promise" | "Generator" | "AsyncGenerator" | "AsyncResource" | "AsyncContextFrame")
        || class.starts_with("system / ")
        || class.starts_with("Node / ")
}

/// Classes of the language itself: a name like that says little about whose the thing is.
pub fn is_builtin(class: &str) -> bool {
    const BUILTIN: &[&str] = &[
        "Object",
        "Array",
        "Map",
        "Set",
        "WeakMap",
        "WeakSet",
        "Date",
        "RegExp",
        "Promise",
        "Error",
        "Buffer",
        "ArrayBuffer",
        "SharedArrayBuffer",
        "DataView",
        "Generator",
        "AsyncGenerator",
        "Arguments",
        "Symbol",
        "Number",
        "String",
        "Boolean",
        "BigInt",
        "Proxy",
        "Iterator",
    ];
    BUILTIN.contains(&class)
        || class.ends_with("Array") && class.len() <= "Uint8ClampedArray".len()
        || class.starts_with('(')
        || is_carrier(class)
}

/// The name of an edge with everything taken out that differs between instances and runs: indices, ids, weak map entries.
pub fn edge_label<'g>(kind: EdgeType, name: EdgeName<'g>) -> &'g str {
    match name {
        EdgeName::Index(_) => ENTRY,
        EdgeName::Name(name) if kind == EdgeType::Internal && name.starts_with(|c: char| c.is_ascii_digit()) => {
            if name.contains("part of key") { WEAK_ENTRY } else { ENTRY }
        }
        // A number of a table that is like somebody's string, or a key that is data: different in each process.
        EdgeName::Name(name) if is_placeholder(name) => {
            if kind == EdgeType::Internal {
                ENTRY
            } else {
                KEY
            }
        }
        EdgeName::Name(name) => name,
    }
}

pub const ENTRY: &str = "[]";
/// Some property of an object that is used as a map.
pub const KEY: &str = "{}";
/// The dominator holds it by a detour only: several ways lead there.
pub const SHARED: &str = "…";
pub const WEAK_ENTRY: &str = "(weak map entry)";

/// Does the edge carry a name from the program's source?
pub fn names(kind: EdgeType) -> bool {
    matches!(kind, EdgeType::Property | EdgeType::Context)
}
