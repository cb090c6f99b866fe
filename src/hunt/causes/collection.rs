//! Arrays, maps, sets, and objects used as maps, that are added to and never emptied.

use super::{Finding, Scene, named};
use crate::hunt::role;
use crate::hunt::verdict::{Cause, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let holder = if scene.swells && scene.class.len() > 1 && !role::is_value_class(scene.class) {
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
    Some(Finding {
        cause: Cause::Collection,
        hypothesis: format!("{} {verb} for each piece of work and nothing is ever taken out of it", named(&holder)),
        would_refute: format!(
            "{} stops growing when the same load goes on for longer: then it has a bound",
            named(&holder)
        ),
        holder,
    })
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
