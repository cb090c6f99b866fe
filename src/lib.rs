//! leakhunt: a flight recorder and leak hunter for Node.js, loaded into the process as a native addon.
//!
//! Imports go down only. [`node`] is the N-API skin; [`recorder`] samples V8 and decides with [`trigger`]; [`capture`] writes
//! a heap snapshot from a forked child, and [`redact`] takes the contents of strings out of it; [`heap`] reads one as a graph of facts; [`hunt`]
//! judges; [`pages`] reads the heap's own pages, and counts objects without a snapshot; [`inspect`] answers questions about one; [`sources`] follows source maps; [`report`] shows; [`convert`] rewrites files. What V8 and Linux are made of is known to [`v8`] and [`os`] alone.
//! `docs/architecture.md` is the map for people.

pub mod capture;
pub mod convert;
pub mod heap;
pub mod hunt;
pub mod inspect;
#[cfg(feature = "node")]
pub mod node;
pub mod os;
pub mod pages;
pub mod recorder;
pub mod redact;
pub mod report;
pub mod sources;
pub mod trigger;
pub mod v8;
