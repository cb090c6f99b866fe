//! Timers that are started and never cleared: `setInterval`, far `setTimeout`s, immediates that start themselves again.

use super::{Finding, Scene};
use crate::hunt::verdict::{Cause, Holder};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.piles_up(is_timer) {
        return None;
    }
    let immediate = scene.piles_up(|class| class == "Immediate");
    let (class, start, stop) = if immediate {
        ("Immediate", "setImmediate", "clearImmediate")
    } else {
        ("Timeout", "setInterval or setTimeout", "clearInterval or clearTimeout")
    };
    // Node's own lists of timers have no name that a program knows. An array of handles has, unless it only holds a neighbour.
    let alone = scene.piling().iter().filter(|hop| is_timer(&hop.class)).count() < 2;
    let named = alone && scene.holding().first().is_some_and(|hop| matches!(&*hop.class, "Array" | "Map" | "Set"));
    let name = named.then(|| scene.holder().name).flatten();
    Some(Finding {
        cause: Cause::Timer,
        holder: Holder { class: class.to_string(), name },
        hypothesis: format!(
            "{start} is called again and again without {stop}; each timer keeps what its function refers to"
        ),
        would_refute: format!("the number of {class} objects falls back once the work they wait for is done"),
    })
}

fn is_timer(class: &str) -> bool {
    matches!(class, "Timeout" | "Immediate" | "TimersList")
}
