//! The heap read from its own pages, in a forked child, without V8's snapshot generator.
//!
//! [`Layout`] has where things are in objects, from the binary's own metadata; [`find_chunks`] finds V8's pages; [`Walker`] goes over every object of
//! them. All of it is pure: memory comes as [`Regions`], so that a test can build some. `docs/heap-pages.md`
//! explains each rule.

mod areas;
#[cfg(test)]
mod builder;
mod census;
mod chunk;
mod constructor;
mod functions;
mod graph;
mod handles;
pub mod history;
mod kind;
mod landmarks;
mod layout;
mod maps;
mod outside;
mod owned;
mod places;
mod properties;
mod regions;
mod series;
mod shapes;
mod size;
mod text;
mod types;
mod walker;

pub use areas::allocation_areas;
pub use census::{Census, ClassCount, take_census};
pub use chunk::{ALIGNMENT, Chunk, HEADER_WORDS, Peek, find_chunks};
pub use graph::{EdgeLayout, PagesGraph, build_graph};
pub use history::HistoryError;
pub use kind::Kind;
pub use landmarks::{check_counts, check_graph};
pub use layout::{Layout, Missing};
pub use maps::{MapIdx, MapInfo, Maps};
pub use outside::Outside;
pub use regions::{Region, Regions};
pub use series::{ClassSeries, Gathered, Series, Taken};
pub use types::Types;
pub use walker::{Object, Walked, Walker};
