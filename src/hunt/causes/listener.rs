//! Listeners that are added and never removed: on an `EventEmitter` (whose `_events` hold a function, or an array of them, for
//! each event) or on an `EventTarget`, `AbortSignal` among them (whose listeners hang in a chain of `Listener`).

use super::{Finding, Scene, name_of};
use crate::hunt::path::Hop;
use crate::hunt::verdict::{Cause, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let holding = scene.holding();
    let (emitter, event) = of_emitter(holding).or_else(|| of_target(scene))?;
    let holder = Holder { class: holding[emitter].class.clone(), name: name_of(&holding[emitter..]) };
    let on = match &event {
        Some(event) => format!("for the event `{event}` "),
        None => String::new(),
    };
    Some(Finding {
        cause: Cause::Listener,
        hypothesis: format!(
            "listeners {on}are added to {} again and again and never removed; each keeps what its function refers to",
            super::named(&holder)
        ),
        would_refute: format!(
            "listenerCount({}) stays flat under the same load",
            event.map(|e| format!("'{e}'")).unwrap_or_default()
        ),
        holder,
    })
}

/// `listeners[] < _events.tick < emitter`, or `_events.tick < emitter` where every event has one listener.
fn of_emitter(holding: &[Hop]) -> Option<(usize, Option<String>)> {
    let emitter = (1..=2).find(|&i| holding.get(i).is_some_and(|hop| hop.name() == Some("_events")))?;
    let event = if emitter == 2 { holding[1].name().map(str::to_string) } else { None };
    Some((emitter, event))
}

fn of_target(scene: &Scene<'_>) -> Option<(usize, Option<String>)> {
    if !scene.piles_up(|class| class == "Listener") {
        return None;
    }
    let holding = scene.holding();
    let target = holding.iter().take(5).position(|hop| hop.edge.contains("kEvents"))?;
    Some((target, None))
}
