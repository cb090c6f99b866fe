//! Instance types: the number in a Map that says what kind of object it describes. Each build of V8 numbers them anew.

use super::layout::{Missing, Source};
use std::cmp::Reverse;

/// Each entry that a stock Node from 20 to 26 has of this kind, as `type_Class__SOME_TYPE`, one a line.
const ENTRIES: &str = include_str!("instance-types.txt");

/// A number of this binary with the class that it stands for.
type Named = (u16, &'static str);

/// The types that the walker has to know, as this binary numbers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Types {
    pub map: u16,
    pub first_nonstring: u16,
    /// From here on, everything is an object of JavaScript's.
    pub first_receiver: u16,
    pub js_function: (u16, u16),
    pub bound_function: Option<u16>,
    pub scope_info: u16,
    pub fixed_array: u16,
    /// FixedArray and its kin end before it.
    pub byte_array: u16,
    pub context: (u16, u16),
    pub feedback_vector: u16,
    pub symbol: u16,
    pub script: Option<u16>,
    pub code: u16,
    pub instruction_stream: Option<u16>,
    /// A gap between objects of one or two words.
    pub filler: u16,
    /// A longer one, which has its size in it.
    pub free_space: u16,
    pub weak_fixed_array: Option<u16>,
    /// All entries, by number.
    named: Vec<Named>,
}

impl Types {
    pub(super) fn read(source: &Source<'_>) -> Result<Self, Missing> {
        let mut named: Vec<Named> = ENTRIES
            .lines()
            .filter_map(|entry| {
                let number = source.one_of(&[entry])?;
                let class = entry.strip_prefix("type_")?.split("__").next()?;
                Some((u16::try_from(number).ok()?, class))
            })
            .collect();
        // Of two classes with one type the later name is the more general: WeakArrayList, not DependentCode.
        named.sort_unstable_by_key(|(number, class)| (*number, Reverse(*class)));
        named.dedup_by_key(|(number, _)| *number);
        let type_of = |class: &str| named.iter().find(|(_, each)| *each == class).map(|(number, _)| *number);
        let need = |class: &str, name, without| type_of(class).ok_or(Missing { name, without });
        let bound = |names, without| source.need(names, without).map(|number| number as u16);
        let no_sizes = "objects have no sizes";
        let no_classes = "objects have no classes";
        let feedback_vector = need("FeedbackVector", "type_FeedbackVector__FEEDBACK_VECTOR_TYPE", no_sizes)?;
        // V8 sorts the types of this part by name, and these two follow each other in all versions that were seen. The second is not exported by all.
        let filler = feedback_vector.saturating_add(1);
        let js_function = need("JSFunction", "type_JSFunction__JS_FUNCTION_TYPE", no_classes)?;
        Ok(Self {
            map: need("Map", "type_Map__MAP_TYPE", no_sizes)?,
            first_nonstring: bound(&["FirstNonstringType"], no_sizes)?,
            // WebAssembly's structs and arrays come before proxies, where a build has them.
            first_receiver: match type_of("WasmArray") {
                Some(first) => first,
                None => need("JSProxy", "type_JSProxy__JS_PROXY_TYPE", no_classes)?,
            },
            js_function: (
                source.one_of(&["FirstJSFunctionType"]).map_or(js_function, |number| number as u16),
                // Where its end is not told (Node 20): the constructors of V8's own, fifteen of them. What follows is an array's iterator's prototype.
                source.one_of(&["LastJSFunctionType"]).map_or(js_function.saturating_add(15), |number| number as u16),
            ),
            bound_function: type_of("JSBoundFunction"),
            scope_info: need("ScopeInfo", "type_ScopeInfo__SCOPE_INFO_TYPE", no_classes)?,
            fixed_array: need("FixedArray", "type_FixedArray__FIXED_ARRAY_TYPE", no_sizes)?,
            byte_array: need("ByteArray", "type_ByteArray__BYTE_ARRAY_TYPE", no_sizes)?,
            context: (bound(&["FirstContextType"], no_sizes)?, bound(&["LastContextType"], no_sizes)?),
            feedback_vector,
            symbol: need("Symbol", "type_Symbol__SYMBOL_TYPE", no_classes)?,
            script: type_of("Script"),
            code: need("Code", "type_Code__CODE_TYPE", no_sizes)?,
            instruction_stream: type_of("InstructionStream"),
            filler,
            free_space: type_of("FreeSpace").unwrap_or(filler.saturating_add(1)),
            weak_fixed_array: type_of("WeakFixedArray"),
            named,
        })
    }

    /// V8's class of this type, where the binary tells it.
    pub fn class(&self, instance_type: u16) -> Option<&'static str> {
        let at = self.named.binary_search_by_key(&instance_type, |(number, _)| *number).ok()?;
        Some(self.named[at].1)
    }

    /// The type of this class in this binary.
    pub fn of_class(&self, class: &str) -> Option<u16> {
        self.named.iter().find(|(_, each)| *each == class).map(|(number, _)| *number)
    }

    /// Not exported, and between Symbol and HeapNumber in every version seen.
    pub fn big_int(&self) -> u16 {
        self.symbol.saturating_add(1)
    }

    /// Not exported; it follows WeakFixedArray.
    pub fn transition_array(&self) -> Option<u16> {
        self.weak_fixed_array.map(|array| array.saturating_add(1))
    }

    /// Not exported, and before FeedbackVector.
    pub fn feedback_metadata(&self) -> u16 {
        self.feedback_vector.saturating_sub(1)
    }

    /// Whether this is the V8 of Node 24, or a later one: told by a class that those before have not.
    pub fn is_24(&self) -> bool {
        self.of_class("RegExpData").is_some()
    }

    /// The same for Node 26.
    pub fn is_26(&self) -> bool {
        self.of_class("DoubleStringCache").is_some()
    }

    pub fn is_string(&self, instance_type: u16) -> bool {
        instance_type < self.first_nonstring
    }

    pub fn is_js_function(&self, instance_type: u16) -> bool {
        (self.js_function.0..=self.js_function.1).contains(&instance_type)
    }

    pub fn is_context(&self, instance_type: u16) -> bool {
        (self.context.0..=self.context.1).contains(&instance_type)
    }

    /// An object of JavaScript's: V8 calls it a JSReceiver.
    pub fn is_receiver(&self, instance_type: u16) -> bool {
        instance_type >= self.first_receiver
    }

    /// Generators, and what async functions and async generators have for one. The plain one has no entry in any binary, and comes before the other two.
    pub fn is_generator(&self, instance_type: u16) -> bool {
        let [function, generator] =
            ["JSAsyncFunctionObject", "JSAsyncGeneratorObject"].map(|class| self.of_class(class));
        let is = |class: Option<u16>| class == Some(instance_type);
        let is_before = function.is_some_and(|next| instance_type.checked_add(1) == Some(next));
        is(function) || is(generator) || is_before && self.class(instance_type).is_none()
    }

    /// FixedArray and what V8 builds from it: hash tables, dictionaries, tables of Map and Set.
    pub fn is_fixed_array(&self, instance_type: u16) -> bool {
        (self.fixed_array..self.byte_array).contains(&instance_type)
    }
}
