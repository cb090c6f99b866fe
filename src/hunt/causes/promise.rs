//! Promises that never settle: whoever waits for one is kept by it. A reaction hangs on the promise until it settles, an `await` is
//! a reaction, and with it the state of the async function that waits, all its variables included.

use super::{Finding, Scene, named};
use crate::heap::{EdgeType, Graph, NodeIdx};
use crate::hunt::verdict::{Cause, Details};
use crate::hunt::{carrier, role};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let awaited = scene.holding().first().filter(|hop| hop.class == "Promise").map(|hop| hop.node);
    let promise = scene.piling_node(|class| class == "Promise").or(awaited);
    let waiting = scene.piling_node(|class| matches!(class, "Generator" | "AsyncGenerator"));
    // What has settled is kept by whoever keeps the promise, as any other thing is.
    if waiting.is_none() && !promise.is_some_and(|promise| is_pending(scene.graph, promise)) {
        return None;
    }
    let is_async = waiting.is_some_and(|state| promise.is_some() || is_awaiting(scene.graph, state));
    if waiting.is_some() && !is_async {
        return None;
    }
    let holder = scene.holder();
    let title = waiting.map(|state| role::class(scene.graph, state).into_owned());
    let function = title.as_deref().and_then(carrier::carried);
    let (kind, who) = match function {
        Some(function) => {
            ("async-function", format!("calls of the async function {function} wait for a promise that never settles"))
        }
        None if waiting.is_some() => {
            ("async-function", "calls of an async function wait for a promise that never settles".into())
        }
        None => {
            ("pending-promise", "promises are made that never settle, or reactions added to one that does not".into())
        }
    };
    let by = if awaited.is_some() { "the promise that they wait for is" } else { "what would settle them is kept by" };
    Some(Finding {
        cause: Cause::Collection,
        kind,
        hypothesis: format!("{who}; {by} {}, and each keeps its variables", named(&holder)),
        would_refute: format!(
            "the number of {} falls back when the work that is under way has ended",
            function.unwrap_or("pending promises")
        ),
        holder,
        details: Details::default(),
    })
}

/// A promise has its reactions in the slot that will have its result.
fn is_pending(graph: &Graph, promise: NodeIdx) -> bool {
    match graph.target(promise, EdgeType::Internal, "reactions_or_result") {
        Some(slot) => graph.name(slot) == "system / PromiseReaction",
        // Nobody waits, and nothing has come: or a small number has, which V8 does not write.
        None => false,
    }
}

/// The state of an async function refers to the promise that its caller got; that of a generator does not.
fn is_awaiting(graph: &Graph, state: NodeIdx) -> bool {
    graph.edges(state).any(|edge| edge.kind == EdgeType::Hidden && graph.name(edge.to) == "Promise")
}
