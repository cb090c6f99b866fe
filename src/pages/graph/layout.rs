//! What a graph needs of the binary's metadata beyond what a census does. None of it is indispensable: a field whose place is not told has no name, and what it holds is an edge with a number.

use super::fields::FIELDS;
use crate::pages::layout::{Source, entries};

/// Places of fields, in words, and how properties and elements are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeLayout {
    /// Rows of [`FIELDS`] with the word that each is in this binary.
    pub fields: Vec<(usize, usize)>,
    pub elements_kind_mask: u8,
    pub elements_kind_shift: u32,
    pub dictionary_elements: u8,
    /// Words before the first entry of a dictionary of elements, and words of an entry.
    pub number_dictionary_prefix: u64,
    pub number_dictionary_entry: u64,
    /// Bytes.
    pub buffer_length: Option<u64>,
    pub buffer_store: Option<u64>,
    pub prototype_or_initial_map: Option<usize>,
    /// The word of a function with its number in the table of code, where it has no code itself.
    pub function_dispatch: Option<usize>,
    pub regexp_source: Option<u64>,
    /// The word of a Script that may hold the names of arguments.
    pub script_wrapped_arguments: Option<usize>,
    pub map_dependent_code: Option<usize>,
    pub map_transitions: Option<usize>,
    /// Words of an InstructionStream before its machine code.
    pub code_header: usize,
    /// The bit of a property's details that says that it is a getter or a setter.
    pub accessor_mask: u64,
    /// Slots of a context before its variables.
    pub context_slots: u64,
    pub embedder_data: Option<usize>,
}

impl EdgeLayout {
    pub(in crate::pages) fn read(source: &Source<'_>) -> Self {
        let entry = |name: &str| source.one_of(&[name]);
        let number = |name: &str, otherwise: u64| entry(name).unwrap_or(otherwise);
        let word = |names: &[&str]| {
            let offset = source.one_of(names)?;
            (offset.is_multiple_of(8) && offset < 2048).then_some((offset / 8) as usize)
        };
        let fields = FIELDS.iter().enumerate().filter_map(|(row, field)| Some((row, field.word(&entry)?)));
        Self {
            fields: fields.collect(),
            elements_kind_mask: number("bit_field2_elements_kind_mask", 0xfc) as u8,
            elements_kind_shift: number("bit_field2_elements_kind_shift", 2).min(7) as u32,
            dictionary_elements: number("elements_dictionary_elements", 13) as u8,
            // Behind a FixedArray's header: how many entries there are, were, and could be.
            number_dictionary_prefix: 3 + number("numberdictionaryshape_prefix_size", 1).min(16),
            number_dictionary_entry: number("numberdictionaryshape_entry_size", 3).clamp(2, 16),
            buffer_length: entry("class_JSArrayBuffer__byte_length__size_t"),
            buffer_store: entry("class_JSArrayBuffer__backing_store__uintptr_t"),
            prototype_or_initial_map: word(&[
                "class_JSFunction__prototype_or_initial_map__HeapObject",
                "class_JSFunction__prototype_or_initial_map__Tagged_HeapObject_",
                "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_Hole_",
                "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_TheHole_",
            ]),
            // Behind the header of all objects, and only where no code is told to be there.
            function_dispatch: word(entries::FUNCTION_SHARED)
                .filter(|shared| *shared == 4 && entry("class_JSFunction__code__Tagged_Code_").is_none())
                .map(|shared| shared - 1),
            script_wrapped_arguments: word(&[
                "class_Script__eval_from_shared_or_wrapped_arguments__Object",
                "class_Script__eval_from_shared_or_wrapped_arguments__Tagged_Object_",
            ]),
            regexp_source: entry("class_JSRegExp__source__Object"),
            map_dependent_code: word(&[
                "class_Map__dependent_code__DependentCode",
                "class_Map__dependent_code__Tagged_DependentCode_",
            ]),
            map_transitions: word(&[
                "class_Map__raw_transitions__weak",
                "class_Map__raw_transitions__Tagged_UnionOf_Smi_MaybeWeak_Map_TransitionArray_",
            ]),
            code_header: word(&["class_InstructionStream__instruction_start__uintptr_t"]).unwrap_or(2),
            accessor_mask: number("prop_kind_mask", 1),
            context_slots: number("context_min_slots", 2).clamp(2, 8),
            embedder_data: word(&["native_context_embedder_data_offset"]),
        }
    }
}
