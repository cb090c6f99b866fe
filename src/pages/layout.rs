//! Where things are in V8's objects, by the binary's own word: offsets in bytes from an object's start, read from its post-mortem metadata.

use super::graph::EdgeLayout;
use super::types::Types;
use thiserror::Error;

/// An entry without which the heap cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this executable has no v8dbg_{name}: {without}")]
pub struct Missing {
    /// The entry under its first name, without `v8dbg_`.
    pub name: &'static str,
    /// What cannot be known without it.
    pub without: &'static str,
}

/// Offsets and types of one binary. Those that are `Option` are not in every binary that has been seen; each says what is lost without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub map: MapLayout,
    pub names: NameLayout,
    pub types: Types,
    pub edges: EdgeLayout,
    /// Bytes before the first descriptor of a DescriptorArray. Without it such an array ends where the next object begins.
    pub descriptors: Option<u64>,
    /// Bytes before the code of a BytecodeArray. Without it, as above.
    pub bytecodes: Option<u64>,
}

/// The fields of a Map: what V8 knows of all objects of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapLayout {
    pub instance_size_in_words: u64,
    pub inobject_properties_start: u64,
    pub instance_type: u64,
    pub bit_field2: u64,
    pub bit_field3: u64,
    pub prototype: u64,
    pub constructor_or_back_pointer: u64,
    pub instance_descriptors: u64,
}

/// What leads from a Map to the name and the place of a constructor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLayout {
    pub function_shared: u64,
    pub shared_name_or_scope_info: u64,
    /// Without it no function has a place.
    pub shared_script: Option<u64>,
    pub script_name: Option<u64>,
    pub script_source: Option<u64>,
    /// Without it, functions that were never called have their script alone.
    pub uncompiled_start: Option<u64>,
    /// Without it, no object is named by its `Symbol.toStringTag`.
    pub symbol_description: Option<u64>,
    pub string_length: u64,
    pub string_chars: u64,
    pub cons_first: u64,
    pub cons_second: u64,
    pub thin_actual: u64,
    pub sliced_parent: u64,
    pub sliced_offset: u64,
    /// Words of a ScopeInfo before its first variable, without its map.
    pub scope_first_variable: u64,
    /// The word of a ScopeInfo that says how many variables of its context have names in it.
    pub scope_context_locals: u64,
    pub properties: u64,
    /// Of a dictionary of properties: words before its first entry, and words of an entry.
    pub dictionary_prefix: u64,
    pub dictionary_entry: u64,
    /// Of the details of a property: where it is, and which one it is.
    pub location_mask: u64,
    pub index_mask: u64,
    pub index_shift: u32,
    pub own_descriptors_mask: u64,
    pub own_descriptors_shift: u32,
    pub is_dictionary_shift: u32,
}

/// What the entries of fields are called that both names and edges are told by. V8 puts the C++ type of a field into its entry's name, so there are several.
pub(super) mod entries {
    /// By this a binary is known to have the V8 of Node 26, or a later one.
    pub const ONLY_FROM_26: &str = "type_DoubleStringCache__DOUBLE_STRING_CACHE_TYPE";
    pub const FUNCTION_SHARED: &[&str] = &["class_JSFunction__shared__SharedFunctionInfo"];
    pub const SHARED_NAME_OR_SCOPE_INFO: &[&str] = &[
        "class_SharedFunctionInfo__name_or_scope_info__Object",
        "class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_",
        "class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_",
    ];
    pub const SHARED_SCRIPT: &[&str] = &[
        "class_SharedFunctionInfo__raw_script__Tagged_Object_",
        "class_SharedFunctionInfo__script_or_debug_info__HeapObject",
    ];
    pub const SCRIPT_NAME: &[&str] = &["class_Script__name__Object"];
    pub const SCRIPT_SOURCE: &[&str] = &["class_Script__source__Object"];
    pub const SYMBOL_NAME: &[&str] = &["class_Symbol__name__Object"];
    pub const CONS_FIRST: &[&str] = &["class_ConsString__first__String"];
    pub const CONS_SECOND: &[&str] = &["class_ConsString__second__String"];
    pub const THIN_ACTUAL: &[&str] = &["class_ThinString__actual__String"];
    pub const SLICED_PARENT: &[&str] = &["class_SlicedString__parent__String"];
}

impl Layout {
    /// Reads the layout with `entry`, which is asked for names without `v8dbg_`.
    pub fn read(entry: impl Fn(&str) -> Option<i32>) -> Result<Self, Missing> {
        let source = Source { entry: &entry };
        let map = MapLayout::read(&source)?;
        let names = NameLayout::read(&source)?;
        let types = Types::read(&source)?;
        Ok(Self {
            map,
            names,
            types,
            edges: EdgeLayout::read(&source),
            descriptors: source.one_of(&["class_DescriptorArray__header_size__uintptr_t"]),
            bytecodes: source.one_of(&["class_BytecodeArray__data__uintptr_t"]),
        })
    }
}

impl MapLayout {
    fn read(source: &Source<'_>) -> Result<Self, Missing> {
        let need = |names| source.need(names, "objects have no sizes");
        let for_names = |names| source.need(names, "objects have no classes");
        Ok(Self {
            instance_size_in_words: need(&["class_Map__instance_size_in_words__char"])?,
            instance_type: need(&["class_Map__instance_type__uint16_t"])?,
            inobject_properties_start: for_names(&[
                "class_Map__inobject_properties_start_or_constructor_function_index__char",
            ])?,
            bit_field2: for_names(&["class_Map__bit_field2__char"])?,
            bit_field3: for_names(&["class_Map__bit_field3__int"])?,
            prototype: for_names(&["class_Map__prototype__Object", "class_Map__prototype__HeapObject"])?,
            constructor_or_back_pointer: for_names(&[
                "class_Map__constructor_or_back_pointer__Object",
                "class_Map__constructor_or_back_pointer__Tagged_Object_",
            ])?,
            instance_descriptors: for_names(&["class_Map__instance_descriptors_offset"])?,
        })
    }
}

impl NameLayout {
    fn read(source: &Source<'_>) -> Result<Self, Missing> {
        let need = |names| source.need(names, "objects have no classes");
        Ok(Self {
            function_shared: need(entries::FUNCTION_SHARED)?,
            shared_name_or_scope_info: need(entries::SHARED_NAME_OR_SCOPE_INFO)?,
            shared_script: source.one_of(entries::SHARED_SCRIPT),
            script_name: source.one_of(entries::SCRIPT_NAME),
            uncompiled_start: source.one_of(&["class_UncompiledData__start_position__int32_t"]),
            script_source: source.one_of(entries::SCRIPT_SOURCE),
            symbol_description: source.one_of(entries::SYMBOL_NAME),
            string_length: need(&["class_String__length__int32_t"])?,
            string_chars: need(&["class_SeqOneByteString__chars__char"])?,
            cons_first: need(entries::CONS_FIRST)?,
            cons_second: need(entries::CONS_SECOND)?,
            thin_actual: need(entries::THIN_ACTUAL)?,
            sliced_parent: need(entries::SLICED_PARENT)?,
            sliced_offset: need(&["class_SlicedString__offset__SMI"])?,
            scope_first_variable: need(&["scopeinfo_idx_first_vars"])?,
            scope_context_locals: need(&["scopeinfo_idx_ncontextlocals"])?,
            properties: need(&[
                "class_JSReceiver__raw_properties_or_hash__Object",
                "class_JSReceiver__raw_properties_or_hash__Tagged_Object_",
            ])?,
            dictionary_prefix: need(&["namedictionaryshape_prefix_size"])?
                + need(&["namedictionary_prefix_start_index"])?,
            dictionary_entry: need(&["namedictionaryshape_entry_size"])?.max(1),
            location_mask: need(&["prop_location_mask"])?,
            index_mask: need(&["prop_index_mask"])?,
            index_shift: need(&["prop_index_shift"])?.min(31) as u32,
            own_descriptors_mask: need(&["bit_field3_number_of_own_descriptors_mask"])?,
            own_descriptors_shift: need(&["bit_field3_number_of_own_descriptors_shift"])?.min(31) as u32,
            is_dictionary_shift: need(&["bit_field3_is_dictionary_map_shift"])?.clamp(1, 31) as u32,
        })
    }
}

/// The binary's entries, asked for by alternatives: V8 puts the C++ type of a field into its name, and types get other names.
pub(super) struct Source<'a> {
    entry: &'a dyn Fn(&str) -> Option<i32>,
}

impl Source<'_> {
    /// A number that makes no sense as an offset, a size or a type is taken as none.
    pub fn one_of(&self, names: &[&str]) -> Option<u64> {
        let value = names.iter().find_map(|name| (self.entry)(name))?;
        u64::try_from(value).ok()
    }

    pub fn need(&self, names: &[&'static str], without: &'static str) -> Result<u64, Missing> {
        self.one_of(names).ok_or(Missing { name: names.first().copied().unwrap_or_default(), without })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::builder::{NODES, entry, layout_of};

    #[test]
    fn every_node_tells_its_layout() {
        for major in NODES {
            let layout = layout_of(major);
            assert_eq!((layout.map.instance_type, layout.map.constructor_or_back_pointer), (12, 32), "Node {major}");
            assert!(layout.descriptors.is_some() && layout.bytecodes.is_some());
            assert!(layout.names.shared_script.is_some() && layout.names.script_name.is_some());
            assert_eq!(layout.types.class(layout.types.map), Some("Map"));
            assert!(
                layout.types.is_fixed_array(layout.types.fixed_array)
                    && !layout.types.is_fixed_array(layout.types.byte_array)
            );
            assert!(
                layout.types.is_receiver(layout.types.of_class("JSArray").unwrap())
                    && !layout.types.is_receiver(layout.types.map)
            );
        }
        assert_eq!(
            layout_of(20).types.free_space,
            251,
            "the binary says it, and it is where it is looked for in others"
        );
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_lost() {
        let without = |hidden: &'static str| Layout::read(|name| (!name.contains(hidden)).then(|| entry(24, name))?);
        let missing = without("MAP_TYPE").unwrap_err();
        assert_eq!(missing.to_string(), "this executable has no v8dbg_type_Map__MAP_TYPE: objects have no sizes");
        assert_eq!(without("JSFunction__shared").unwrap_err().without, "objects have no classes");
        assert_eq!(
            without("class_BytecodeArray").unwrap().bytecodes,
            None,
            "such arrays end where the next object begins"
        );
        assert_eq!(Layout::read(|_| Some(-1)).unwrap_err().without, "objects have no sizes");
    }
}
