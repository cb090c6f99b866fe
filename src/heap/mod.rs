//! A heap snapshot as a graph of facts. Nothing here judges.

mod assemble;
pub mod builder;
mod classes;
mod counter;
mod diff;
mod dominators;
mod edges;
mod error;
mod essential;
mod graph;
mod histogram;
mod kinds;
mod location;
mod open;
mod parser;
mod paths;
mod places;
mod retainers;
mod rows;
mod schema;
mod sink;
mod skip;
mod strings;
mod text;
mod units;
mod wide;

pub use assemble::GraphAssembler;
pub use builder::GraphBuilder;
pub use counter::ClassCounter;
pub use diff::{Diff, DiffRow, Join, diff_graphs, diff_histograms, ids_join};
pub use dominators::{DominatorChildren, Dominators};
pub use error::SnapshotError;
pub use graph::{ClassKey, Edge, EdgeName, Graph};
pub use histogram::{ClassHistogram, ClassRow, class_histogram};
pub use kinds::{EdgeType, NodeType};
pub use location::{FunctionLocation, Scripts, function_location};
pub use open::{Progress, read_file, read_file_into};
pub use parser::SnapshotParser;
pub use paths::{Step, path_to_root};
pub use places::Location;
pub use retainers::Retainers;
pub use schema::Meta;
pub use sink::{EdgeRow, NodeRow, SnapshotSink};
pub use units::{Bytes, EdgeIdx, NodeIdx};

#[cfg(test)]
mod dominators_tests;
#[cfg(test)]
mod reading_tests;
