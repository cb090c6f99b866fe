//! Lists of V8's own that are told as a part of what holds them: V8's snapshots call the constant pool of a function code, and what a shape keeps a shape.

use super::edges::Edges;
use crate::heap::{NodeIdx, NodeType};
use crate::pages::layout::Layout;
use crate::pages::maps::type_of;
use crate::pages::regions::pointee;
use std::ops::Range;

/// What the lists are that objects of a class hold, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    words: Range<usize>,
    /// Not in this one.
    except: Option<usize>,
    kind: NodeType,
    /// What one is called that has no name.
    tag: &'static str,
    lists: Lists,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// Arrays and tables of any kind.
    All,
    /// The same, and arrays in these, down to the third.
    Deep,
    /// Plain and weak arrays only.
    Plain,
    Cells,
}

const ANY: Range<usize> = 1..usize::MAX;
/// How deep arrays are looked into.
const DEPTH: usize = 3;
/// Elements of one array that are looked at, for those in it.
const MOST: usize = 1 << 16;

impl Kin {
    /// By the class of the holder.
    pub fn of(layout: &Layout, instance_type: u16) -> Option<Self> {
        let types = &layout.types;
        let kin = |words, kind, tag, lists| Some(Self { words, except: None, kind, tag, lists });
        if Some(instance_type) == types.transition_array() {
            return kin(2..3, NodeType::ObjectShape, "(prototype transitions)", Lists::Plain);
        }
        if instance_type == types.scope_info {
            // Where the names of its variables are too many for itself.
            let names = 1 + layout.names.scope_first_variable as usize;
            return kin(names..names + 1, NodeType::Code, "(context local names)", Lists::All);
        }
        match types.class(instance_type)? {
            "Map" => kin(ANY, NodeType::ObjectShape, "(prototype validity cell)", Lists::Cells),
            "PrototypeInfo" => kin(2..4, NodeType::ObjectShape, "(prototype users)", Lists::All),
            "EnumCache" => kin(ANY, NodeType::ObjectShape, "(enum cache)", Lists::All),
            "Script" => {
                let kin = kin(ANY, NodeType::Code, "(host-defined options)", Lists::Plain)?;
                Some(Self { except: layout.edges.script_wrapped_arguments, ..kin })
            }
            "AllocationSite" => kin(ANY, NodeType::Code, "(dependent code)", Lists::All),
            "ArrayBoilerplateDescription" => kin(ANY, NodeType::Code, "(constant elements)", Lists::All),
            "RegExpBoilerplateDescription" => kin(ANY, NodeType::Code, "(RegExp data)", Lists::All),
            // Up to Node 20 the cells of a function's closures are a table without a name of its own.
            "FeedbackVector" | "FeedbackCell" => kin(ANY, NodeType::Code, "(feedback)", Lists::All),
            "BytecodeArray" => {
                kin(1..(layout.bytecodes.unwrap_or(0) / 8) as usize, NodeType::Code, "(constant pool)", Lists::Deep)
            }
            "Code" => kin(ANY, NodeType::Code, "(code deopt data)", Lists::Deep),
            "InstructionStream" => {
                kin(1..layout.edges.code_header, NodeType::Code, "(code relocation info)", Lists::All)
            }
            _ => None,
        }
    }
}

impl Edges<'_> {
    pub(super) fn adopt(&mut self, kin: &Kin, words: &[u64]) {
        let end = kin.words.end.min(words.len());
        let Some(held) = words.get(kin.words.start..end) else { return };
        let words = held.iter().zip(kin.words.start..).filter(|(_, at)| Some(*at) != kin.except);
        let mut open: Vec<(u64, usize)> = words.filter_map(|(word, _)| Some((pointee(*word)?, 1))).collect();
        while let Some((address, depth)) = open.pop() {
            let Some(kind) =
                type_of(self.regions, self.layout, address).filter(|kind| self.is_listed(kin.lists, *kind))
            else {
                continue;
            };
            // What optimized code refers to is no part of it.
            if depth > 1 && self.layout.types.class(kind) == Some("ProtectedFixedArray") {
                continue;
            }
            let Some(node) = self.teller.starts.at(address).filter(|node| !self.teller.is_read_only(*node)) else {
                continue;
            };
            self.take_in(node, kin);
            if kin.lists == Lists::Deep && depth < DEPTH && self.is_plain(kind) {
                let length = self.regions.count(address + 8).map_or(0, |length| (length as usize).min(MOST) + 2);
                let words = self.words(address, length as u32).unwrap_or_default();
                open.extend(words.iter().skip(2).filter_map(|word| Some((pointee(*word)?, depth + 1))));
            }
        }
    }

    fn take_in(&mut self, node: NodeIdx, kin: &Kin) {
        let builder = &mut self.teller.builder;
        if builder.name(node) == 0 {
            let tag = builder.text(kin.tag);
            builder.set_name(node, tag);
        }
        builder.set_kind(node, kin.kind);
    }

    fn is_plain(&self, kind: u16) -> bool {
        let types = &self.layout.types;
        kind == types.fixed_array
            || matches!(types.class(kind), Some("TrustedFixedArray" | "ProtectedFixedArray" | "TrustedWeakFixedArray"))
    }

    fn is_listed(&self, lists: Lists, kind: u16) -> bool {
        let types = &self.layout.types;
        let class = types.class(kind).unwrap_or_default();
        match lists {
            Lists::Cells => class == "Cell",
            Lists::Plain => kind == types.fixed_array || Some(kind) == types.weak_fixed_array || class == "ByteArray",
            Lists::All | Lists::Deep => {
                types.is_fixed_array(kind)
                    || self.is_plain(kind)
                    || Some(kind) == types.weak_fixed_array
                    || matches!(class, "ByteArray" | "TrustedByteArray" | "FixedDoubleArray" | "WeakArrayList")
            }
        }
    }
}
