//! The name of a function and where it begins, by its SharedFunctionInfo: what all closures of one function have in common.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::{Regions, small_integer};
use super::text::text;

/// From this many variables on, a ScopeInfo has their names in a table of its own.
pub const INLINED_NAMES: u64 = 75;
/// Words behind the variables within which the names of a function are: at most a number that belongs to a class, the name, the variable that has it, and the name
/// that V8 made up.
const NAMES_WITHIN: u64 = 4;

/// The first variable of a ScopeInfo that has its place before it: behind flags, two counts, a beginning and an end.
const FIRST_VARIABLE_BEHIND_PLACE: u64 = 5;

/// What a function is called. Both are empty where it has no such name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionNames {
    /// Its own name.
    pub own: String,
    /// The one that V8 made up from where it stands in the source: `handlers.push`.
    pub inferred: String,
}

impl FunctionNames {
    /// The own name, or else the one that V8 made up.
    pub fn any(self) -> String {
        if self.own.is_empty() { self.inferred } else { self.own }
    }
}

pub fn function_names(regions: &Regions<'_>, layout: &Layout, shared: u64) -> FunctionNames {
    let Some(name) = regions.follow(shared + layout.names.shared_name_or_scope_info) else {
        return FunctionNames::default();
    };
    match type_of(regions, layout, name) {
        Some(kind) if layout.types.is_string(kind) => {
            FunctionNames { own: text(regions, layout, name).unwrap_or_default(), ..FunctionNames::default() }
        }
        Some(kind) if kind == layout.types.scope_info => names_in_scope(regions, layout, name).unwrap_or_default(),
        _ => FunctionNames::default(),
    }
}

/// The names in a ScopeInfo. Its flags say which are there, and no binary exports them; but behind a function's own name stands the number of the
/// variable that has it, and behind that, where the version keeps them here, two numbers for the place in the source. So an odd number of numbers tells a name.
fn names_in_scope(regions: &Regions<'_>, layout: &Layout, scope: u64) -> Option<FunctionNames> {
    let mut names = FunctionNames::default();
    let from = variables_end(regions, layout, scope)?;
    for word in from..from + NAMES_WITHIN {
        let Some(string) = regions.follow(scope + 8 * word) else { continue };
        if !layout.types.is_string(type_of(regions, layout, string)?) {
            // Further on are other scopes.
            break;
        }
        let name = text(regions, layout, string).unwrap_or_default();
        let numbers = (word + 1..word + 5)
            .take_while(|word| regions.word(scope + 8 * word).and_then(small_integer).is_some())
            .count();
        if numbers % 2 == 1 && names.own.is_empty() {
            names.own = name;
        } else {
            names.inferred = name;
            break;
        }
    }
    Some(names)
}

/// The word behind the names of a ScopeInfo's variables and what is said about each.
fn variables_end(regions: &Regions<'_>, layout: &Layout, scope: u64) -> Option<u64> {
    let count = regions.count(scope + 8 * (1 + layout.names.scope_context_locals))?;
    let names = if count < INLINED_NAMES { count } else { 1 };
    Some(1 + layout.names.scope_first_variable + names + count)
}

/// The character of its script at which a function begins.
pub fn function_position(regions: &Regions<'_>, layout: &Layout, shared: u64) -> Option<u32> {
    let scope = regions.follow(shared + layout.names.shared_name_or_scope_info)?;
    if type_of(regions, layout, scope)? == layout.types.scope_info {
        position_in_scope(regions, layout, scope)
    } else {
        position_before_compilation(regions, layout, shared)
    }
}

/// Newer versions have it before the variables, older ones behind the names, as the last two of several numbers: its beginning and its end.
fn position_in_scope(regions: &Regions<'_>, layout: &Layout, scope: u64) -> Option<u32> {
    let number = |word: u64| small_integer(regions.word(scope + 8 * word)?);
    let first = layout.names.scope_first_variable;
    if first >= FIRST_VARIABLE_BEHIND_PLACE {
        return u32::try_from(number(first - 1)?).ok();
    }
    let mut from = variables_end(regions, layout, scope)?;
    let end = from + NAMES_WITHIN + 4;
    while from < end {
        let run = (from..end).take_while(|word| number(*word).is_some()).count() as u64;
        if run >= 2 {
            return u32::try_from(number(from + run - 2)?).ok();
        }
        from += run + 1;
    }
    None
}

/// A function that was never called has no ScopeInfo yet, but an UncompiledData: in the first or the second field of its SharedFunctionInfo, whose offset not every
/// binary exports.
fn position_before_compilation(regions: &Regions<'_>, layout: &Layout, shared: u64) -> Option<u32> {
    let start = layout.names.uncompiled_start?;
    let is_uncompiled = |data: &u64| {
        type_of(regions, layout, *data)
            .and_then(|kind| layout.types.class(kind))
            .is_some_and(|class| class.starts_with("UncompiledData"))
    };
    let data = [8, 16].into_iter().filter_map(|at| regions.follow(shared + at)).find(is_uncompiled)?;
    regions.half(data + start)
}
