//! Timers that are started and never cleared: `setInterval`, far `setTimeout`s, immediates that start themselves again.
//!
//! A `Timeout` repeats unless its `_repeat` is null. V8 writes no small numbers, so a delay is known by the list that the timer
//! hangs in: Node keeps one `TimersList` for each delay, in an object whose keys are the delays.

use super::{Finding, Scene};
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType};
use crate::hunt::verdict::{Cause, Details, Holder};
use crate::hunt::{carrier, role};

/// Neighbours that are passed on the way to the list.
const NEIGHBOURS: usize = 1 << 20;

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.piles_up(is_timer) {
        return None;
    }
    let timer = scene.piling_node(|class| matches!(class, "Timeout" | "Immediate"));
    // A socket's own timer is the socket's, whichever of them holds the other.
    if timer.is_none() && super::is_connection(scene.class) {
        return None;
    }
    let kind = match timer.map(|timer| kind_of(scene.graph, timer)) {
        Some(kind) => kind,
        None if scene.piles_up(|class| class == "Immediate") => Kind::Immediate,
        None => Kind::Either,
    };
    let delay_ms = timer.filter(|_| kind != Kind::Immediate).and_then(|timer| delay_of(scene, timer));
    // Node's own lists of timers have no name that a program knows. An array of handles has.
    let own = |class: &str| is_timer(class) || class == "Object" && scene.class != "Object";
    let handles = timer.and_then(|timer| scene.held_by(timer, own));
    let (class, start, stop) = match kind {
        Kind::Immediate => ("Immediate", "setImmediate", "clearImmediate"),
        Kind::Interval => ("Timeout", "setInterval", "clearInterval"),
        Kind::Timeout => ("Timeout", "setTimeout", "clearTimeout"),
        Kind::Either => ("Timeout", "setInterval or setTimeout", "clearInterval or clearTimeout"),
    };
    let each = match delay_ms {
        Some(ms) if kind == Kind::Interval => format!(" (every {})", duration(ms)),
        Some(ms) => format!(" (in {})", duration(ms)),
        None => String::new(),
    };
    Some(Finding {
        cause: Cause::Timer,
        kind: kind.name(),
        holder: Holder { class: class.to_string(), name: handles.as_ref().and_then(|holder| holder.name.clone()) },
        hypothesis: format!("{start}{each} is called again and again without {stop}; {}", scene.keeps()),
        would_refute: match kind {
            Kind::Interval => format!("the number of {class} objects stays flat under the same load"),
            _ => format!("the number of {class} objects falls back once the work they wait for is done"),
        },
        details: Details { delay_ms, also_held_by: handles, ..Details::default() },
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Interval,
    Timeout,
    Immediate,
    Either,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Interval => "interval",
            Kind::Timeout => "timeout",
            Kind::Immediate => "immediate",
            Kind::Either => "timer",
        }
    }
}

fn kind_of(graph: &Graph, timer: NodeIdx) -> Kind {
    if carrier::base(&role::class(graph, timer)) == "Immediate" {
        return Kind::Immediate;
    }
    match graph.target(timer, EdgeType::Property, "_repeat") {
        Some(value) if graph.node_type(value) == NodeType::Number => Kind::Interval,
        Some(_) => Kind::Timeout,
        // A small number is not written; `_destroyed` beside it is.
        None if graph.target(timer, EdgeType::Property, "_destroyed").is_some() => Kind::Interval,
        None => Kind::Either,
    }
}

fn delay_of(scene: &Scene<'_>, timer: NodeIdx) -> Option<u32> {
    let graph = scene.graph;
    let mut at = timer;
    for _ in 0..NEIGHBOURS {
        if graph.name(at) == "TimersList" {
            let lists = scene.retainers.of(at).map(|(from, edge)| (from, graph.edge(edge)));
            return lists.take(64).find_map(|(from, edge)| match edge.name {
                EdgeName::Index(ms) if edge.kind == EdgeType::Element && graph.name(from) == "Object" => Some(ms),
                _ => None,
            });
        }
        at = graph.target(at, EdgeType::Property, "_idlePrev")?;
        if at == timer {
            break;
        }
    }
    None
}

fn duration(ms: u32) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{} s", f64::from(ms / 100) / 10.0),
        _ => format!("{} min", f64::from(ms / 6_000) / 10.0),
    }
}

fn is_timer(class: &str) -> bool {
    matches!(class, "Timeout" | "Immediate" | "TimersList")
}
