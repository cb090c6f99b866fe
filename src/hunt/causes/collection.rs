//! Arrays, maps, sets, and objects used as maps, that are added to and never emptied.

use super::{Finding, Scene, named};
use crate::heap::{EdgeType, Graph, NodeIdx};
use crate::hunt::path::Hop;
use crate::hunt::role;
use crate::hunt::verdict::{Cause, Details, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let swollen = scene.swells && scene.class.len() > 1 && !role::is_value_class(scene.class);
    let holder = if swollen {
        // The collection itself is what grows: numbers or text that are no objects of their own.
        Holder {
            class: scene.class.to_string(),
            name: scene.hops.first().and_then(|hop| hop.name()).map(str::to_string),
        }
    } else {
        scene.holder()
    };
    let first = scene.holding().first();
    let is_list = first.is_some_and(|hop| hop.class.starts_with(role::CONTEXT)) && scene.holder > 0;
    if !scene.swells && !is_list && !first.is_some_and(|hop| is_collection(&hop.class)) {
        return None;
    }
    let verb = match &*holder.class {
        "Map" | "WeakMap" | "Object" => "gets a new key",
        "Set" | "WeakSet" => "gets a new member",
        _ => "grows",
    };
    let kind = match &*holder.class {
        "Map" => "map",
        "Set" => "set",
        "Object" => "object-as-map",
        "Array" => "array",
        _ if is_list => "list",
        "Buffer" | "ArrayBuffer" => "buffer",
        _ => "collection",
    };
    // The hop above the collection says what sort of place it is.
    let above = if swollen { scene.hops } else { scene.holding().get(1..).unwrap_or_default() };
    let scope = scope_of(scene.graph, above).map(str::to_string);
    let lives = match scope.as_deref() {
        Some("module variable" | "module export") => {
            " It belongs to a module, so that it lives as long as the process."
        }
        Some("static property") => " It belongs to a class, so that it lives as long as the process.",
        Some("global") => " It is global, so that it lives as long as the process.",
        _ => "",
    };
    Some(Finding {
        cause: Cause::Collection,
        kind,
        hypothesis: format!(
            "{} {verb} for each piece of work and nothing is ever taken out of it.{lives}",
            named(&holder)
        )
        .trim_end_matches('.')
        .to_string(),
        would_refute: format!(
            "{} stops growing when the same load goes on for longer: then it has a bound",
            named(&holder)
        ),
        holder,
        details: Details { scope, ..Details::default() },
    })
}

/// Where a collection lives, told by whoever holds it: the first hop above it, and the one above that.
fn scope_of(graph: &Graph, above: &[Hop]) -> Option<&'static str> {
    let first = above.first()?;
    if role::is_context(graph, first.node) && is_module_scope(graph, first.node) {
        return Some("module variable");
    }
    if role::is_function_class(&first.class) && first.kind == EdgeType::Property {
        return Some("static property");
    }
    let exported = above.get(1).is_some_and(|hop| hop.class == "Module" && hop.edge == "exports");
    if exported || first.class == "Module" && first.edge == "exports" {
        return Some("module export");
    }
    (first.class == "global" || first.class.starts_with("global ") || first.edge == "global").then_some("global")
}

/// A module's scope is the outermost of its script: around it is V8's own.
fn is_module_scope(graph: &Graph, scope: NodeIdx) -> bool {
    let around = graph.target(scope, EdgeType::Internal, "previous");
    around.is_some_and(|around| graph.name(around) == "system / NativeContext")
}

fn is_collection(class: &str) -> bool {
    matches!(class, "Object" | "Array" | "Map" | "Set" | "WeakMap" | "WeakSet")
        || class.ends_with("Array")
        || class.ends_with("Map")
        || class.ends_with("Set")
        || class.ends_with("List")
        || class.ends_with("Queue")
        || class.ends_with("Cache")
}
