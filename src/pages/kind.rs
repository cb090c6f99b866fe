//! What an object is, told by its type alone.

use super::text::{CONS, EXTERNAL, REPRESENTATION, SLICED, THIN};
use super::types::Types;
use serde::{Deserialize, Serialize};

/// What an object is to JavaScript, or to V8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An object of JavaScript's, by its constructor.
    Object,
    /// A function, by its name.
    Closure,
    /// What keeps the elements and properties of objects, the tables of Map and Set, and V8's own lists.
    Array,
    String,
    Number,
    Symbol,
    /// The variables of a scope that closures share.
    Context,
    /// Compiled code and what V8 knows of functions.
    Code,
    /// The shapes of objects.
    Shape,
    /// Everything else of V8's.
    System,
}

impl Kind {
    /// The kind of what is neither an object of JavaScript's nor a context, and its class: V8's name for it, or a name for how a string is kept. `None` for
    /// types of which the binary does not tell a name.
    pub fn of_internal(types: &Types, instance_type: u16) -> (Self, Option<&'static str>) {
        if types.is_string(instance_type) {
            return (Self::String, Some(string_kind(instance_type)));
        }
        if types.is_fixed_array(instance_type) {
            // Which kind of table it is has no name in any binary.
            return (Self::Array, Some(if instance_type == types.fixed_array { "FixedArray" } else { "HashTable" }));
        }
        if instance_type == types.big_int() {
            return (Self::Number, Some("BigInt"));
        }
        if Some(instance_type) == types.transition_array() {
            return (Self::Shape, Some("TransitionArray"));
        }
        if instance_type == types.feedback_metadata() {
            return (Self::Code, Some("FeedbackMetadata"));
        }
        let class = types.class(instance_type);
        match class.unwrap_or_default() {
            "HeapNumber" => (Self::Number, Some("number")),
            "Symbol" => (Self::Symbol, class),
            "Map" | "DescriptorArray" | "StrongDescriptorArray" | "PrototypeInfo" | "EnumCache" => (Self::Shape, class),
            "FixedDoubleArray" | "PropertyArray" | "ByteArray" | "WeakFixedArray" | "WeakArrayList" | "ArrayList" => {
                (Self::Array, class)
            }
            name if CODE.contains(&name) || name.starts_with("UncompiledData") => (Self::Code, class),
            _ => (Self::System, class),
        }
    }
}

/// Compiled code, and what V8 keeps to compile it and to run it faster.
const CODE: [&str; 17] = [
    "Code",
    "InstructionStream",
    "BytecodeArray",
    "SharedFunctionInfo",
    "ScopeInfo",
    "FeedbackVector",
    "FeedbackCell",
    "ClosureFeedbackCellArray",
    "PreparseData",
    "Script",
    "TrustedByteArray",
    "TrustedFixedArray",
    "CodeWrapper",
    "BytecodeWrapper",
    "AllocationSite",
    "InterpreterData",
    "CoverageInfo",
];

/// How a string's characters are kept, by the lowest bits of its type.
fn string_kind(instance_type: u16) -> &'static str {
    match instance_type & REPRESENTATION {
        CONS => "(concatenated string)",
        EXTERNAL => "(external string)",
        SLICED => "(sliced string)",
        THIN => "(thin string)",
        _ => "(string)",
    }
}
