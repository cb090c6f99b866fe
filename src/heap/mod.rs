//! A heap snapshot as a graph of facts. Nothing here judges.

pub mod builder;
mod classes;
mod edges;
mod error;
mod graph;
mod histogram;
mod kinds;
mod places;
mod retainers;
mod strings;
mod units;
mod wide;

pub use builder::GraphBuilder;
pub use error::SnapshotError;
pub use graph::{ClassKey, Edge, EdgeName, Graph};
pub use histogram::{ClassHistogram, ClassRow, class_histogram};
pub use kinds::{EdgeType, NodeType};
pub use places::Location;
pub use retainers::Retainers;
pub use units::{Bytes, EdgeIdx, NodeIdx};
