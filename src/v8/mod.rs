//! The only place that names V8.
//!
//! The `node` executable exports V8's C++ symbols, so one addon can serve every Node: [`symbols`] looks them up by mangled name at
//! run time and no V8 header is compiled in. A struct of V8's is never given the size of one version: it is a zeroed buffer larger
//! than any version's, read word by word, and [`calibration`] compares those words with what `node:v8` says before one is trusted.
//! What is missing or disagrees is switched off with a reason ([`capabilities`]), and JavaScript takes over.
//!
//! Everything here but [`Isolate::request_interrupt`] belongs to the isolate's own thread.

pub mod calibration;
pub mod capabilities;
mod gc;
mod interrupt;
mod isolate;
mod metadata;
mod near_heap_limit;
mod profiler;
mod statistics;
mod symbols;
mod visit;

pub use gc::{GcHooks, GcKind, GcListener};

pub use isolate::Isolate;
pub use metadata::metadata;
pub use near_heap_limit::{NearHeapLimit, NearHeapLimitGuard, NearHeapLimitListener};
pub use profiler::SnapshotOutput;
pub use statistics::{CodeStatistics, HeapSpace, HeapStatistics, Word};
pub use visit::{Visit, Visitor, Visits};
