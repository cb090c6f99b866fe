//! One snapshot held open, and the answers to questions about it. The file is read once; what a question needs beyond the
//! graph (who holds whom, classes, shapes) is computed at the first question that needs it, and kept.
//!
//! A [`Question`] and an [`Answer`] are documents: JSON on both sides, lists in pages, sizes with their unit in their name.
//! Nothing here judges, and all of an answer is bounded, whatever the file holds: rows by the page, text by [`CUT`](thing).

mod answer;
mod asking;
mod error;
mod object;
mod page;
mod question;
mod thing;

pub use answer::{
    Answer, Child, Children, ClassLine, ContextLine, Detached, Field, Holders, HoldingEdge, Instances, Scope,
    ShapeLine, Shown, StringLine, Strings, Summary, Ways,
};
pub use error::InspectError;
pub use page::Page;
pub use question::{Question, Sort};
pub use thing::Thing;

use crate::heap::{
    ClassSummary, DuplicateString, Graph, NO_SHAPE, NativeContext, NodeIdx, Retainers, Scripts, ShallowSizes, Shapes,
    class_summary, duplicate_strings, native_contexts, retained_by_sort,
};
use crate::hunt::descent::Tree;
use crate::hunt::{Aborted, FileProgress, HuntError, files};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A snapshot that stays in memory: shared by threads, changed by none.
pub struct Inspection {
    path: PathBuf,
    graph: Graph,
    tree: Tree,
    sizes: ShallowSizes,
    retainers: OnceLock<Retainers>,
    classes: OnceLock<Vec<ClassSummary>>,
    shapes: OnceLock<Vec<ShapeLine>>,
    duplicates: OnceLock<Vec<DuplicateString>>,
    contexts: OnceLock<Vec<NativeContext>>,
    scripts: OnceLock<Scripts>,
}

impl Inspection {
    /// Reads the file, and finds out what each object retains.
    pub fn open(path: &Path, aborted: &Aborted, tell: &mut dyn FnMut(FileProgress<'_>)) -> Result<Self, HuntError> {
        let graph = files::open(path, aborted, tell)?;
        let sizes = ShallowSizes::compute(&graph);
        let tree = Tree::of(&graph);
        if aborted.is_set() {
            return Err(HuntError::Aborted);
        }
        Ok(Inspection::of(path, graph, tree, sizes))
    }

    fn of(path: &Path, graph: Graph, tree: Tree, sizes: ShallowSizes) -> Self {
        Inspection {
            path: path.to_path_buf(),
            graph,
            tree,
            sizes,
            retainers: OnceLock::new(),
            classes: OnceLock::new(),
            shapes: OnceLock::new(),
            duplicates: OnceLock::new(),
            contexts: OnceLock::new(),
            scripts: OnceLock::new(),
        }
    }

    fn retainers(&self) -> &Retainers {
        self.retainers.get_or_init(|| Retainers::compute(&self.graph))
    }

    /// Those that retain most first.
    fn classes(&self) -> &[ClassSummary] {
        let Tree { dominators, children, .. } = &self.tree;
        self.classes.get_or_init(|| class_summary(&self.graph, dominators, children, &self.sizes))
    }

    /// Those that retain most first.
    fn shapes(&self) -> &[ShapeLine] {
        self.shapes.get_or_init(|| {
            let Shapes { rows, of_node } = Shapes::collect(&self.graph);
            let shape = |node: NodeIdx| Some(of_node[node.row()]).filter(|&shape| shape != NO_SHAPE);
            let Tree { dominators, children, .. } = &self.tree;
            let retained = retained_by_sort(self.graph.root(), dominators, children, shape);
            let mut shallow = vec![0u64; rows.len()];
            for node in self.graph.nodes() {
                if let Some(shape) = shape(node) {
                    shallow[shape as usize] = shallow[shape as usize].saturating_add(self.sizes.of(node).0);
                }
            }
            let mut lines: Vec<ShapeLine> = (0..)
                .zip(rows)
                .map(|(number, row)| ShapeLine {
                    shape: row.name,
                    count: row.count,
                    shallow_bytes: shallow[number as usize],
                    retained_bytes: retained.get(&number).map_or(0, |bytes| bytes.0),
                })
                .collect();
            // Stable: equals stay in the order of their own size.
            lines.sort_by_key(|line| std::cmp::Reverse(line.retained_bytes));
            lines
        })
    }

    fn duplicates(&self) -> &[DuplicateString] {
        self.duplicates.get_or_init(|| duplicate_strings(&self.graph, &self.sizes))
    }

    fn contexts(&self) -> &[NativeContext] {
        self.contexts.get_or_init(|| native_contexts(&self.graph, &self.tree.children))
    }

    fn scripts(&self) -> &Scripts {
        self.scripts.get_or_init(|| Scripts::collect(&self.graph))
    }
}

#[cfg(test)]
mod asking_tests;
