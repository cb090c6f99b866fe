//! The name of a function and the script that it is from, by its SharedFunctionInfo: what all closures of one function have in common.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::{Regions, small_integer};
use super::text::text;

/// From this many variables on, a ScopeInfo has their names in a table of its own.
const INLINED_NAMES: u64 = 75;
/// Words behind the variables in which the function's name is, if it has one.
const NAME_WITHIN: u64 = 2;

/// The name that a function has in its source, or that V8 gave it; empty where it has none.
pub fn function_name(regions: &Regions<'_>, layout: &Layout, shared: u64) -> Option<String> {
    let name = regions.follow(shared + layout.names.shared_name_or_scope_info)?;
    let instance_type = type_of(regions, layout, name)?;
    if layout.types.is_string(instance_type) {
        return text(regions, layout, name);
    }
    if instance_type != layout.types.scope_info {
        return None;
    }
    let variables = variables_end(regions, layout, name)?;
    // A place for a class's brand, a number, may come before the name.
    (variables..=variables + NAME_WITHIN)
        .filter_map(|word| text(regions, layout, regions.follow(name + 8 * word)?))
        .find(|text| !text.is_empty())
}

/// The word behind the names of a ScopeInfo's variables and what is said about each.
fn variables_end(regions: &Regions<'_>, layout: &Layout, scope: u64) -> Option<u64> {
    let count = regions.word(scope + 8 * (1 + layout.names.scope_context_locals))?;
    let count = u64::try_from(small_integer(count)?).ok()?;
    let names = if count < INLINED_NAMES { count } else { 1 };
    Some(1 + layout.names.scope_first_variable + names + count)
}

/// The script that a function was compiled from, by name.
pub fn script_name(regions: &Regions<'_>, layout: &Layout, shared: u64) -> Option<String> {
    let script = regions.follow(shared + layout.names.shared_script?)?;
    if Some(type_of(regions, layout, script)?) != layout.types.script {
        return None;
    }
    text(regions, layout, regions.follow(script + layout.names.script_name?)?)
}
