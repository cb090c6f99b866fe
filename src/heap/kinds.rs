//! What kinds of nodes and edges V8 tells apart. A file names them in its `meta`, so numbers never leave the parser.

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NodeType {
    Hidden,
    Array,
    String,
    Object,
    Code,
    Closure,
    RegExp,
    Number,
    Native,
    Synthetic,
    ConsString,
    SlicedString,
    Symbol,
    BigInt,
    ObjectShape,
    WasmObject,
    /// A kind that this reader has not heard of.
    Other,
}

impl NodeType {
    /// The kind that a file calls `name`.
    pub fn from_name(name: &str) -> NodeType {
        match name {
            "hidden" => NodeType::Hidden,
            "array" => NodeType::Array,
            "string" => NodeType::String,
            "object" => NodeType::Object,
            "code" => NodeType::Code,
            "closure" => NodeType::Closure,
            "regexp" => NodeType::RegExp,
            "number" => NodeType::Number,
            "native" => NodeType::Native,
            "synthetic" => NodeType::Synthetic,
            "concatenated string" => NodeType::ConsString,
            "sliced string" => NodeType::SlicedString,
            "symbol" => NodeType::Symbol,
            "bigint" => NodeType::BigInt,
            "object shape" => NodeType::ObjectShape,
            "wasm object" => NodeType::WasmObject,
            _ => NodeType::Other,
        }
    }

    /// The name that a file gives this kind.
    pub fn name(self) -> &'static str {
        match self {
            NodeType::Hidden => "hidden",
            NodeType::Array => "array",
            NodeType::String => "string",
            NodeType::Object => "object",
            NodeType::Code => "code",
            NodeType::Closure => "closure",
            NodeType::RegExp => "regexp",
            NodeType::Number => "number",
            NodeType::Native => "native",
            NodeType::Synthetic => "synthetic",
            NodeType::ConsString => "concatenated string",
            NodeType::SlicedString => "sliced string",
            NodeType::Symbol => "symbol",
            NodeType::BigInt => "bigint",
            NodeType::ObjectShape => "object shape",
            NodeType::WasmObject => "wasm object",
            NodeType::Other => "other",
        }
    }

    /// The class of every node of this kind, or `None` where the node's own name is its class.
    pub fn class(self) -> Option<&'static str> {
        Some(match self {
            NodeType::Object | NodeType::Native => return None,
            NodeType::Hidden => "(system)",
            NodeType::Array => "(array)",
            NodeType::String => "(string)",
            NodeType::Code => "(compiled code)",
            NodeType::Closure => "Function",
            NodeType::RegExp => "RegExp",
            NodeType::Number => "(number)",
            NodeType::Synthetic => "(synthetic)",
            NodeType::ConsString => "(concatenated string)",
            NodeType::SlicedString => "(sliced string)",
            NodeType::Symbol => "(symbol)",
            NodeType::BigInt => "(bigint)",
            NodeType::ObjectShape => "(object shape)",
            NodeType::WasmObject => "(wasm object)",
            NodeType::Other => "(other)",
        })
    }

    /// Whether nodes of this kind are text.
    pub fn is_string(self) -> bool {
        matches!(self, NodeType::String | NodeType::ConsString | NodeType::SlicedString)
    }
}

/// How one node holds another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EdgeType {
    /// A variable of a closure's scope.
    Context,
    /// `array[i]`.
    Element,
    /// `object.name`.
    Property,
    /// A link of V8's own, with a name: `map`, `shared`, `__proto__` …
    Internal,
    /// A link of V8's own, with a number.
    Hidden,
    /// A direct way to something that is held by a longer one; holds nothing itself, unless it starts at the root.
    Shortcut,
    /// Holds nothing.
    Weak,
    /// A kind that this reader has not heard of.
    Other,
}

impl EdgeType {
    pub(super) const ALL: [EdgeType; 8] = [
        EdgeType::Context,
        EdgeType::Element,
        EdgeType::Property,
        EdgeType::Internal,
        EdgeType::Hidden,
        EdgeType::Shortcut,
        EdgeType::Weak,
        EdgeType::Other,
    ];

    /// The kind that a file calls `name`.
    pub fn from_name(name: &str) -> EdgeType {
        match name {
            "context" => EdgeType::Context,
            "element" => EdgeType::Element,
            "property" => EdgeType::Property,
            "internal" => EdgeType::Internal,
            "hidden" => EdgeType::Hidden,
            "shortcut" => EdgeType::Shortcut,
            "weak" => EdgeType::Weak,
            _ => EdgeType::Other,
        }
    }

    /// The name that a file gives this kind.
    pub fn name(self) -> &'static str {
        match self {
            EdgeType::Context => "context",
            EdgeType::Element => "element",
            EdgeType::Property => "property",
            EdgeType::Internal => "internal",
            EdgeType::Hidden => "hidden",
            EdgeType::Shortcut => "shortcut",
            EdgeType::Weak => "weak",
            EdgeType::Other => "other",
        }
    }

    /// Whether the edge is named by text; the others carry a number.
    #[inline]
    pub fn has_text_name(self) -> bool {
        !matches!(self, EdgeType::Element | EdgeType::Hidden | EdgeType::Other)
    }
}

/// What whoever embeds V8 says of a thing of its own: a browser of the elements of a page, Node of its native objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attachment {
    Attached,
    /// No longer part of the page, or held by JavaScript alone.
    Detached,
}

impl Attachment {
    /// The column `detachedness`, where 0 stands for "not said".
    pub fn from_number(number: u64) -> Option<Attachment> {
        match number {
            1 => Some(Attachment::Attached),
            2 => Some(Attachment::Detached),
            _ => None,
        }
    }

    pub fn number(self) -> u8 {
        match self {
            Attachment::Attached => 1,
            Attachment::Detached => 2,
        }
    }
}
