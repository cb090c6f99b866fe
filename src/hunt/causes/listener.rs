//! Listeners that are added and never removed: on an `EventEmitter` (whose `_events` hold a function, or an array of them, for
//! each event), on an `EventTarget`, `AbortSignal` among them (whose listeners hang in a chain of `Listener`), or in a list of
//! observers of the program's own.

use super::{Finding, Scene, map_key, name_of, named};
use crate::heap::{EdgeType, Graph, NodeIdx};
use crate::hunt::path::Hop;
use crate::hunt::place;
use crate::hunt::role;
use crate::hunt::verdict::{Cause, Details, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let Found { holder: at, event, kind } =
        of_emitter(scene).or_else(|| of_target(scene)).or_else(|| of_list(scene))?;
    let holding = &scene.holding()[at..];
    let class = class_of(scene.graph, &holding[0]);
    // There is one process, whatever the variable.
    let name = name_of(holding).filter(|_| class != "process");
    let holder = Holder { class, name };
    let kind = match (kind, &*holder.class) {
        ("event-emitter", "process") => "process-event",
        ("event-target", "AbortSignal") => "abort-signal",
        (kind, _) => kind,
    };
    let on = match &event {
        Some(event) => format!("for the event `{event}` "),
        None => String::new(),
    };
    let remedy = match kind {
        "abort-signal" => "the signal outlives each piece of work that listens to it",
        "event-target" => "removeEventListener() is not called for them",
        "observer-list" => "nothing takes them off the list",
        _ => "off() is not called for them",
    };
    let whose = match &holder.name {
        _ if kind == "process-event" => "`process`".to_string(),
        _ => named(&holder),
    };
    Some(Finding {
        cause: Cause::Listener,
        kind,
        hypothesis: format!("listeners {on}are added to {whose} again and again, and {remedy}; {}", scene.keeps()),
        would_refute: match kind {
            "observer-list" => format!("the number of members of {whose} stays flat under the same load"),
            "event-target" | "abort-signal" => {
                "getEventListeners() of node:events finds as many under the same load as before".to_string()
            }
            _ => format!(
                "listenerCount({}) stays flat under the same load",
                event.as_deref().map(|e| format!("'{e}'")).unwrap_or_default()
            ),
        },
        holder,
        details: Details { event, ..Details::default() },
    })
}

struct Found {
    /// Which of the holding hops is listened to.
    holder: usize,
    event: Option<String>,
    kind: &'static str,
}

/// `listeners[] < _events.tick < emitter`, or `_events.tick < emitter` where every event has one listener.
fn of_emitter(scene: &Scene<'_>) -> Option<Found> {
    let holding = scene.holding();
    let holder = (1..=2).find(|&i| holding.get(i).is_some_and(|hop| hop.name() == Some("_events")))?;
    if !may_be_emitter(scene.graph, holding[holder].node) {
        return None;
    }
    let event = if holder == 2 { holding[1].name().map(str::to_string) } else { None };
    Some(Found { holder, event: event.filter(|event| !crate::redact::is_placeholder(event)), kind: "event-emitter" })
}

/// Anybody may have a property `_events`. Whose prototypes are known, and have no `emit`, is no emitter.
fn may_be_emitter(graph: &Graph, node: NodeIdx) -> bool {
    const DEEPEST: usize = 12;
    let mut at = node;
    for depth in 0..DEEPEST {
        if graph.target(at, EdgeType::Property, "emit").is_some() {
            return true;
        }
        match graph.target(at, EdgeType::Property, "__proto__") {
            Some(above) => at = above,
            None => return depth == 0,
        }
    }
    false
}

fn of_target(scene: &Scene<'_>) -> Option<Found> {
    if !scene.piles_up(|class| class == "Listener") {
        return None;
    }
    let holding = scene.holding();
    let holder = holding.iter().take(5).position(|hop| hop.edge.contains("kEvents"))?;
    // The map of events is the hop before, and what it holds the one before that.
    let event = holder
        .checked_sub(2)
        .and_then(|list| map_key(scene.graph, holding[list + 1].node, holding[list].node))
        .map(str::to_string);
    Some(Found { holder, event, kind: "event-target" })
}

/// What libraries and programs call the lists of those who want to be told.
const LISTS: &[&str] = &[
    "observers",
    "currentObservers",
    "listeners",
    "_listeners",
    "eventListeners",
    "subscribers",
    "_subscribers",
    "subscriptions",
    "handlers",
    "_handlers",
];

/// An array or a set of functions, or of `Subscriber`s that carry them, with a name that says so.
fn of_list(scene: &Scene<'_>) -> Option<Found> {
    let is_subscriber = |class: &str| class.ends_with("Subscriber") || class.ends_with("Observer");
    if !scene.piles_up(|class| role::is_function_class(class) || is_subscriber(class)) {
        return None;
    }
    let holding = scene.holding();
    let is_list = holding.first().is_some_and(|hop| matches!(&*hop.class, "Array" | "Set" | "Map"));
    let owner = holding.get(1)?;
    if !is_list || !owner.name().is_some_and(|name| LISTS.contains(&name)) {
        return None;
    }
    // A variable of that name is the list itself; a property belongs to the thing that is observed.
    let holder = if owner.kind == EdgeType::Property { 1 } else { 0 };
    Some(Found { holder, event: None, kind: "observer-list" })
}

/// Node 20 makes a signal out of an `EventTarget` and changes its prototype afterwards.
fn class_of(graph: &Graph, hop: &Hop) -> String {
    let by_prototype = place::constructor(graph, hop.node).map(|closure| graph.name(closure));
    match by_prototype {
        Some(name) if hop.class == "EventTarget" && !name.is_empty() => name.to_string(),
        _ => hop.class.clone(),
    }
}
