//! Stores of an `AsyncLocalStorage` that outlive the work they were made for. Up to Node 22 each async resource carries the stores of its
//! context under a symbol; from 24 on it carries an `AsyncContextFrame`, a map from storages to stores.

use super::{Finding, Scene, named};
use crate::heap::EdgeType;
use crate::hunt::verdict::{Cause, Details};
use crate::hunt::{path, role};

/// Hops from the thing up to what carries its context.
const NEAR: usize = 2;

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let frame = scene.piling().iter().take(NEAR).find(|hop| hop.class == "AsyncContextFrame");
    let symbol = || {
        scene
            .piling()
            .iter()
            .take(NEAR)
            .find(|hop| hop.kind == EdgeType::Property && hop.edge.contains("kResourceStore"))
    };
    let carrier = frame.or_else(symbol)?;
    let holder = scene.holder();
    let storage = frame.and_then(|frame| {
        let table = scene.graph.target(frame.node, EdgeType::Internal, "table")?;
        let storage = scene.graph.edges(table).find(|edge| scene.graph.name(edge.to) == "AsyncLocalStorage")?.to;
        let way = path::hops(scene.graph, scene.retainers, storage);
        way.iter().find_map(|hop| hop.name()).filter(|name| !name.starts_with('<')).map(|name| format!("`{name}` "))
    });
    let resource = scene.piling().last().filter(|hop| hop.node != carrier.node || frame.is_none());
    let what = resource.map_or("an async resource", |hop| hop.class.as_str());
    let what = if role::is_function_class(what) { "a function" } else { what };
    Some(Finding {
        cause: Cause::Collection,
        kind: "async-store",
        hypothesis: format!(
            "stores of the AsyncLocalStorage {}outlive their piece of work: {what} carries the context in which it was made, and {} keeps it",
            storage.unwrap_or_default(),
            named(&holder)
        ),
        would_refute: format!("the number of {} falls back when the work that is under way has ended", scene.class),
        holder,
        details: Details::default(),
    })
}
