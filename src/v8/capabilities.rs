//! What of V8 works in this process, and why not: decided once, when the first environment calibrates.

use super::symbols::symbols;
use serde::Serialize;
use std::sync::OnceLock;

/// How a capability is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    Native,
    Javascript,
    Off,
}

#[derive(Clone, Debug, Serialize)]
pub struct Capability {
    pub available: bool,
    pub way: Way,
    /// Why the native way is not used; `None` where it is.
    pub reason: Option<String>,
}

impl Capability {
    pub fn native() -> Self {
        Self { available: true, way: Way::Native, reason: None }
    }
    pub fn javascript(reason: impl Into<String>) -> Self {
        Self { available: true, way: Way::Javascript, reason: Some(reason.into()) }
    }
    pub fn off(reason: impl Into<String>) -> Self {
        Self { available: false, way: Way::Off, reason: Some(reason.into()) }
    }
    pub fn is_native(&self) -> bool {
        self.way == Way::Native
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    pub heap_statistics: Capability,
    pub heap_space_statistics: Capability,
    pub code_statistics: Capability,
    pub gc_callbacks: Capability,
    pub interrupts: Capability,
    pub heap_snapshot: Capability,
    /// Being asked before the heap's limit is reached.
    pub near_heap_limit: Capability,
}

/// What calibration found out about each kind of figure: `Err` holds the disagreement.
pub struct Calibrated {
    pub heap_statistics: Result<(), String>,
    pub heap_space_statistics: Result<(), String>,
    pub code_statistics: Result<(), String>,
}

static CAPABILITIES: OnceLock<Capabilities> = OnceLock::new();

impl Capabilities {
    /// This process's capabilities; `None` until an environment has calibrated.
    pub fn get() -> Option<&'static Self> {
        CAPABILITIES.get()
    }

    /// Keeps the first verdict: the layout is the executable's, so a later environment cannot differ.
    pub fn decide(calibrated: Calibrated) -> &'static Self {
        CAPABILITIES.get_or_init(|| Self::from_calibration(calibrated))
    }

    /// Everything native off, for one reason: the user's switch, or an unknown platform.
    pub fn without_native(reason: &str) -> &'static Self {
        CAPABILITIES.get_or_init(|| Self {
            heap_statistics: Capability::javascript(reason),
            heap_space_statistics: Capability::javascript(reason),
            code_statistics: Capability::javascript(reason),
            gc_callbacks: Capability::javascript(reason),
            interrupts: Capability::off(reason),
            heap_snapshot: Capability::javascript(reason),
            near_heap_limit: Capability::off(reason),
        })
    }

    fn from_calibration(calibrated: Calibrated) -> Self {
        let all = symbols();
        let figures = |result: Result<(), String>| match result {
            Ok(()) => Capability::native(),
            Err(reason) => Capability::javascript(reason),
        };
        let heap_statistics = figures(calibrated.heap_statistics);
        let exports = |present: bool, what: &str| {
            if present { Ok(()) } else { Err(format!("this executable does not export {what}")) }
        };
        // The callbacks read the heap's figures, so they need them as well.
        let with_figures =
            if heap_statistics.is_native() { Ok(()) } else { Err("native heap statistics are off".to_owned()) };
        let gc_callbacks = exports(
            all.add_gc_prologue.is_some()
                && all.add_gc_epilogue.is_some()
                && all.remove_gc_prologue.is_some()
                && all.remove_gc_epilogue.is_some(),
            "V8's GC callbacks",
        )
        .and(with_figures.clone());
        let snapshot = exports(
            all.get_heap_profiler.is_some() && all.take_heap_snapshot.is_some() && all.serialize_snapshot.is_some(),
            "V8's heap profiler",
        );
        let near_heap_limit = exports(
            all.add_near_heap_limit.is_some() && all.remove_near_heap_limit.is_some(),
            "V8's callback at the heap limit",
        )
        .and(with_figures);
        let or_off = |result: Result<(), String>| match result {
            Ok(()) => Capability::native(),
            Err(reason) => Capability::off(reason),
        };
        Self {
            heap_space_statistics: figures(calibrated.heap_space_statistics),
            code_statistics: figures(calibrated.code_statistics),
            gc_callbacks: figures(gc_callbacks),
            interrupts: or_off(exports(all.request_interrupt.is_some(), "Isolate::RequestInterrupt")),
            near_heap_limit: or_off(near_heap_limit),
            heap_snapshot: figures(snapshot),
            heap_statistics,
        }
    }
}
