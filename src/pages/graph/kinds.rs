//! What V8's snapshots call an object: its type and its name there, as far as its map tells them.

use crate::heap::NodeType;
use crate::pages::layout::Layout;
use crate::pages::text::{CONS, REPRESENTATION, SLICED};

/// Code, and what V8 keeps for it.
const CODE: [&str; 25] = [
    "AllocationSite",
    "ArrayBoilerplateDescription",
    "BytecodeArray",
    "BytecodeWrapper",
    "ClosureFeedbackCellArray",
    "Code",
    "CodeWrapper",
    "FeedbackCell",
    "FeedbackVector",
    "InstructionStream",
    "InterpreterData",
    "LoadHandler",
    "StoreHandler",
    "ObjectBoilerplateDescription",
    "PreparseData",
    "RegExpBoilerplateDescription",
    "ScopeInfo",
    "TemplateObjectDescription",
    "UncompiledData",
    "UncompiledDataWithPreparseData",
    "UncompiledDataWithoutPreparseData",
    "UncompiledDataWithPreparseDataAndJob",
    "UncompiledDataWithoutPreparseDataWithJob",
    "CoverageInfo",
    "FeedbackMetadata",
];

/// How an object gets its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// All of this map have one.
    Fixed(String),
    /// Its own text.
    Text,
    /// By the SharedFunctionInfo that it points to.
    Function,
    /// It is a SharedFunctionInfo.
    Shared,
    /// By a string that this word points to.
    Field(u64),
    /// By its constructor.
    Class,
    /// Private or not.
    Symbol,
    /// One of all variables of a realm, or of a scope.
    Context,
}

/// The type of the objects of a map, and how they get their names.
pub fn kind_of(layout: &Layout, instance_type: u16) -> (NodeType, Naming) {
    let types = &layout.types;
    let fixed = |kind, name: &str| (kind, Naming::Fixed(name.to_owned()));
    let class = types.class(instance_type).unwrap_or_default();
    if types.is_receiver(instance_type) {
        return match class {
            "JSProxy" => fixed(NodeType::Hidden, "system / JSProxy"),
            "JSBoundFunction" => fixed(NodeType::Closure, "native_bind"),
            "JSRegExp" => match layout.edges.regexp_source {
                Some(source) => (NodeType::RegExp, Naming::Field(source)),
                None => fixed(NodeType::RegExp, ""),
            },
            _ if types.is_js_function(instance_type) => (NodeType::Closure, Naming::Function),
            _ => (NodeType::Object, Naming::Class),
        };
    }
    if types.is_string(instance_type) {
        return match instance_type & REPRESENTATION {
            CONS => fixed(NodeType::ConsString, "(concatenated string)"),
            SLICED => fixed(NodeType::SlicedString, "(sliced string)"),
            _ => (NodeType::String, Naming::Text),
        };
    }
    if types.is_fixed_array(instance_type) {
        return fixed(NodeType::Array, "");
    }
    if types.is_context(instance_type) {
        return (NodeType::Object, Naming::Context);
    }
    if instance_type == types.big_int() {
        return fixed(NodeType::BigInt, "bigint");
    }
    if Some(instance_type) == types.transition_array() {
        return fixed(NodeType::ObjectShape, "system / TransitionArray");
    }
    if instance_type == types.feedback_metadata() {
        return fixed(NodeType::Code, "system / FeedbackMetadata");
    }
    // Not exported; V8 sorts these two behind the kinds of microtasks.
    let handler = types.of_class("PromiseResolveThenableJobTask").map(|task| instance_type.wrapping_sub(task));
    match handler {
        Some(1) => return fixed(NodeType::Code, "system / LoadHandler"),
        Some(2) => return fixed(NodeType::Code, "system / StoreHandler"),
        _ => {}
    }
    match class {
        "HeapNumber" => fixed(NodeType::Number, "heap number"),
        "Symbol" => (NodeType::Symbol, Naming::Symbol),
        "SharedFunctionInfo" => (NodeType::Code, Naming::Shared),
        "Script" => match layout.names.script_name {
            Some(name) => (NodeType::Code, Naming::Field(name)),
            None => fixed(NodeType::Code, "system / Script"),
        },
        // A trusted one is a constant pool, mostly, and gets its name and kind by what holds it: redaction takes the strings of a pool for words of the source, and of no other.
        "FixedDoubleArray" | "ByteArray" | "TrustedFixedArray" => fixed(NodeType::Array, ""),
        "Map" | "DescriptorArray" | "StrongDescriptorArray" | "PrototypeInfo" | "EnumCache" => {
            fixed(NodeType::ObjectShape, &format!("system / {class}"))
        }
        // V8's snapshots count them to its code from Node 24 on.
        "BytecodeWrapper" | "CodeWrapper" if !types.is_24() => fixed(NodeType::Hidden, &format!("system / {class}")),
        "" => fixed(NodeType::Hidden, &format!("system / type {instance_type}")),
        _ if CODE.contains(&class) => fixed(NodeType::Code, &format!("system / {class}")),
        _ => fixed(NodeType::Hidden, &format!("system / {class}")),
    }
}
