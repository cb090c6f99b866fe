//! Entries of a `WeakMap` that never go, since something else keeps their keys: a value lives as long as its key does.

use super::{Finding, Scene, name_of};
use crate::heap::weak_map_table;
use crate::hunt::path;
use crate::hunt::verdict::{Cause, Details, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    // The edge goes from the key to the value, and names the table.
    let at = scene.hops.iter().take(scene.holder + 1).position(|hop| weak_map_table(&hop.edge).is_some())?;
    let key = &scene.hops[at];
    let table = scene.graph.find_id(weak_map_table(&key.edge)?)?;
    let map = path::holders(scene.graph, scene.retainers, table)
        .into_iter()
        .find(|hop| matches!(&*hop.class, "WeakMap" | "WeakSet" | "SafeWeakMap"));
    let name = map.as_ref().and_then(|map| {
        let mut way = vec![map.clone()];
        way.extend(path::hops(scene.graph, scene.retainers, map.node));
        name_of(&way)
    });
    let shown = name.as_deref().map(|name| format!(" `{name}`")).unwrap_or_default();
    let keeps = if at < scene.holder {
        scene.holder()
    } else {
        Holder { class: key.class.clone(), name: name_of(&scene.hops[at..]) }
    };
    Some(Finding {
        cause: Cause::Collection,
        kind: "weak-map",
        hypothesis: format!(
            "entries of the WeakMap{shown} never go, since {} keeps their keys ({}): a weak map lets go of a value only with its key",
            super::named(&keeps),
            key.class
        ),
        would_refute: format!("the number of {} falls when the keys are let go", key.class),
        holder: Holder { class: "WeakMap".to_string(), name },
        details: Details { also_held_by: Some(keeps), ..Details::default() },
    })
}
