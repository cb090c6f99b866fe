//! A heap snapshot as a graph of facts. Nothing here judges; that is for [`hunt`](crate::hunt).
//!
//! # From bytes to a graph
//!
//! [`read_file`] opens a `.heapsnapshot`, plain or compressed, and pushes its bytes through [`SnapshotParser`] into a
//! [`Graph`]. The parser gives its rows to any [`SnapshotSink`], so that a capture can count classes ([`ClassCounter`])
//! on a snapshot that it never keeps. Files come from anywhere: every number is checked before it is used as a
//! subscript, no size is believed before the data is there, and whatever is wrong is a [`SnapshotError`] that names the
//! section and the byte.
//!
//! # The graph
//!
//! Columns of plain vectors and `Copy` handles: [`NodeIdx`], [`EdgeIdx`], [`Bytes`]. A heap of ten million objects and
//! thirty-four million references has to fit a laptop, so nothing is allocated for each node and most columns are
//! 32 bits wide. A graph never changes; what is computed from it stands beside it.
//!
//! # What is computed
//!
//! | question | answer |
//! |---|---|
//! | how many of each class, and how large | [`class_histogram`], [`ShallowSizes`] |
//! | what sorts of plain objects | [`Shapes`] |
//! | which strings are there more than once, or are parts of others | [`duplicate_strings`], [`sliced_parents`] |
//! | which functions are there many times over | [`closure_groups`] |
//! | what memory do buffers have outside of the heap | [`array_buffers`] |
//! | what memory outside of the heap does it show | [`native_size`] |
//! | what does an object, or a class, keep alive | [`Dominators`], [`class_retained`] |
//! | what does a function see | [`scopes`] |
//! | who holds it | [`Retainers`]; [`held_by`] for a few |
//! | why is it alive, in one line, or in several | [`path_to_root`], [`paths_to_root`] |
//! | what belongs nowhere any more | [`detached_natives`], [`native_contexts`] |
//! | where in the source does it come from | [`function_location`], [`Scripts`] |
//! | what changed between two snapshots | [`diff_graphs`] |
//!
//! "Retained" means what it means in Chrome DevTools, edge for edge; `docs/comparison-with-devtools.md` has the few things that
//! are told otherwise, and how the rest is known to be the same.
//!
//! All of it is iterative: a linked list may be as long as memory allows. No `unsafe`, and no Node needed to test it.

mod array_buffers;
mod assemble;
pub mod builder;
mod class_retained;
mod class_summary;
mod classes;
mod closure_groups;
mod counter;
mod descent;
mod detached;
mod diff;
mod dominators;
mod duplicate_strings;
mod edges;
mod error;
mod essential;
mod graph;
mod grouped;
mod held_by;
mod histogram;
mod kinds;
pub mod lhgraph;
mod location;
mod numbering;
mod open;
mod ownership;
mod parser;
mod paths;
mod piecework;
mod places;
mod prices;
mod retainers;
mod rows;
mod schema;
mod scopes;
mod semi_nca;
mod shapes;
mod short_pairs;
mod sink;
mod skip;
mod slices;
mod string_text;
mod strings;
mod text;
mod totals;
mod units;
mod ways;
mod wide;
mod written;

pub use array_buffers::{ArrayBuffer, array_buffers, native_size};
pub use assemble::GraphAssembler;
pub use builder::GraphBuilder;
pub use class_retained::{class_retained, retained_by_sort};
pub use class_summary::{ClassSummary, class_summary};
pub use closure_groups::{ClosureGroup, closure_groups};
pub use counter::ClassCounter;
pub use descent::{Visit, descend};
pub use detached::{NativeContext, detached_natives, native_contexts};
pub use diff::{Diff, DiffRow, Join, diff_graphs, diff_histograms, ids_join};
pub use dominators::{DominatorChildren, Dominators};
pub use duplicate_strings::{DuplicateString, duplicate_pieces, duplicate_strings};
pub use error::SnapshotError;
pub use essential::weak_map_table;
pub use graph::{ClassKey, Edge, EdgeName, Graph, Link, NameKey};
pub use grouped::GroupedBuilder;
pub use held_by::{HeldBy, held_by};
pub use histogram::{ClassHistogram, ClassRow, class_histogram};
pub use kinds::{Attachment, EdgeType, NodeType};
pub use location::{FunctionLocation, Scripts, function_location};
pub use open::{Progress, is_bomb, read_file, read_file_into};
pub use ownership::ShallowSizes;
pub use parser::SnapshotParser;
pub use paths::{Step, path_to_root, paths_to_root};
pub use places::Location;
pub use retainers::Retainers;
pub use schema::Meta;
pub use scopes::scopes;
pub use shapes::{NO_SHAPE, ShapeRow, Shapes, shape_of};
pub use sink::{EdgeRow, NodeRow, SnapshotSink};
pub use slices::{SlicedParent, sliced_parents};
pub use string_text::{first_piece, string_text};
pub use units::{Bytes, EdgeIdx, NodeIdx};
pub use written::write_snapshot;

#[cfg(test)]
mod dominators_tests;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reading_tests;
