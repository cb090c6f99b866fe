//! Fields that V8's snapshots have a name for, by the class of the object and the field's place in it.

use crate::heap::EdgeType;
use crate::pages::layout::entries;

/// A field of all objects of a class. Its place is in the binary's metadata under one of `entries`, without `v8dbg_`; where none of them is there, it is `otherwise`, which was read off live
/// objects of all versions, or the field has no name and is told by a number.
pub struct Field {
    pub class: &'static str,
    pub name: &'static str,
    pub kind: EdgeType,
    entries: &'static [&'static str],
    otherwise: Option<u64>,
    /// The same from Node 26 on, if it is elsewhere there.
    from_26: Option<u64>,
    /// What the thing is called that it holds, if that has no name.
    pub tag: Option<&'static str>,
}

const fn field(class: &'static str, name: &'static str, entries: &'static [&'static str]) -> Field {
    Field { class, name, kind: EdgeType::Internal, entries, otherwise: None, from_26: None, tag: None }
}

const fn at(class: &'static str, name: &'static str, offset: u64) -> Field {
    Field { class, name, kind: EdgeType::Internal, entries: &[], otherwise: Some(offset), from_26: None, tag: None }
}

const fn weak(class: &'static str, name: &'static str, offset: u64) -> Field {
    Field { class, name, kind: EdgeType::Weak, entries: &[], otherwise: Some(offset), from_26: None, tag: None }
}

const fn moved(field: Field, from_26: u64) -> Field {
    Field { from_26: Some(from_26), ..field }
}

const fn tagged(field: Field, tag: &'static str) -> Field {
    Field { tag: Some(tag), ..field }
}

/// `JSGenerator` stands for all sorts of generators, `JSView` for typed arrays and DataViews.
pub const FIELDS: &[Field] = &[
    field(
        "JSFunction",
        "feedback_cell",
        &[
            "class_JSFunction__raw_feedback_cell__FeedbackCell",
            "class_JSFunction__raw_feedback_cell__Tagged_FeedbackCell_",
        ],
    ),
    field("JSFunction", "shared", entries::FUNCTION_SHARED),
    field(
        "JSFunction",
        "context",
        &["class_JSFunction__context__Context", "class_JSFunction__context__Tagged_Context_"],
    ),
    field("JSFunction", "code", &["class_JSFunction__code__Tagged_Code_"]),
    at("JSBoundFunction", "bound_function", 24),
    at("JSBoundFunction", "bound_this", 32),
    tagged(at("JSBoundFunction", "bindings", 40), "(bound arguments)"),
    at("JSMap", "table", 24),
    at("JSSet", "table", 24),
    at("JSWeakMap", "table", 24),
    at("JSWeakSet", "table", 24),
    at("JSPromise", "reactions_or_result", 24),
    at("JSGenerator", "function", 24),
    at("JSGenerator", "context", 32),
    at("JSGenerator", "receiver", 40),
    at("JSGenerator", "parameters_and_registers", 72),
    // The first field of a view, as the key of an ArrayBuffer is, which has the same header.
    field(
        "JSView",
        "buffer",
        &[
            "class_JSArrayBuffer__detach_key__Object",
            "class_JSArrayBuffer__detach_key__Tagged_Object_",
            "class_JSArrayBuffer__views_or_detach_key__Tagged_MaybeObject_",
        ],
    ),
    weak("JSWeakRef", "target", 24),
    at("JSProxy", "target", 16),
    at("JSProxy", "handler", 24),
    // Lists of V8's own, which are weak although their words are not.
    weak("JSFinalizationRegistry", "next_dirty", 64),
    weak("AllocationSite", "weak_next", 40),
    // What the callback is given stands before the two from Node 26 on.
    moved(weak("WeakCell", "target", 16), 24),
    moved(weak("WeakCell", "unregister_token", 24), 32),
    field("ConsString", "first", entries::CONS_FIRST),
    field("ConsString", "second", entries::CONS_SECOND),
    field("SlicedString", "parent", entries::SLICED_PARENT),
    field("ThinString", "actual", entries::THIN_ACTUAL),
    field("Symbol", "name", entries::SYMBOL_NAME),
    field("SharedFunctionInfo", "name_or_scope_info", entries::SHARED_NAME_OR_SCOPE_INFO),
    field("SharedFunctionInfo", "script", entries::SHARED_SCRIPT),
    field("SharedFunctionInfo", "function_data", &["class_SharedFunctionInfo__function_data__Object"]),
    field("Script", "source", entries::SCRIPT_SOURCE),
    field("Script", "name", entries::SCRIPT_NAME),
    tagged(field("Script", "line_ends", &["class_Script__line_ends__Object"]), "(script line ends)"),
    at("AccessorPair", "getter", 8),
    at("AccessorPair", "setter", 16),
    at("Cell", "value", 8),
    field(
        "FeedbackCell",
        "value",
        &["class_FeedbackCell__value__HeapObject", "class_FeedbackCell__value__Tagged_HeapObject_"],
    ),
    at("PropertyCell", "name", 8),
    at("PropertyCell", "value", 24),
    at("PropertyCell", "dependent_code", 32),
];

impl Field {
    /// The word of the object that the field is. `entry` is asked for names without `v8dbg_`.
    pub fn word(&self, entry: &dyn Fn(&str) -> Option<u64>) -> Option<usize> {
        let told = self.entries.iter().find_map(|name| entry(name));
        let moved = self.from_26.filter(|_| entry(entries::ONLY_FROM_26).is_some());
        let offset = told.or(moved).or(self.otherwise)?;
        (offset.is_multiple_of(8) && (8..2048).contains(&offset)).then_some((offset / 8) as usize)
    }
}
