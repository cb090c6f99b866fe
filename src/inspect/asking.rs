//! From a question to its answer: the heap as a whole.

use super::answer::{Answer, ClassLine, ContextLine, Detached, Instances, ShapeLine, StringLine, Strings, Summary};
use super::error::InspectError;
use super::page::{Page, Part};
use super::question::{Question, Sort};
use super::thing::{cut, has};
use super::{Inspection, Thing};
use crate::heap::{ClassSummary, NodeIdx, detached_natives, shape_of, string_text};
use crate::hunt::verdict::SnapshotFacts;
use crate::hunt::{Aborted, HuntError, path};
use std::cmp::Reverse;

impl Inspection {
    pub fn ask(&self, question: Question, aborted: &Aborted) -> Result<Answer, InspectError> {
        let answer = match question {
            Question::Summary {} => Answer::Summary(self.summary()),
            Question::Classes { filter, sort, offset, limit } => {
                Answer::Classes(self.class_lines(&filter, sort, Part { offset, limit }))
            }
            Question::Shapes { filter, sort, offset, limit } => {
                Answer::Shapes(self.shape_lines(&filter, sort, Part { offset, limit }))
            }
            Question::Strings { filter, duplicates, offset, limit } => {
                Answer::Strings(self.strings(&filter, duplicates, Part { offset, limit }))
            }
            Question::Detached { offset, limit } => Answer::Detached(self.detached(Part { offset, limit })),
            Question::Instances { class, filter, offset, limit } => {
                Answer::Instances(self.instances(&class, &filter, Part { offset, limit })?)
            }
            Question::Show { object, offset, limit } => {
                Answer::Show(Box::new(self.show(self.find(object)?, Part { offset, limit })))
            }
            Question::Holders { object, offset, limit } => {
                Answer::Holders(self.holders(self.find(object)?, Part { offset, limit }))
            }
            Question::Retainers { of } => Answer::Retainers(Box::new(self.retainers_of(&of)?)),
            Question::Children { object, by_class, offset, limit } => {
                let node = object.map_or(Ok(self.graph.root()), |object| self.find(object))?;
                Answer::Children(self.children(node, by_class, Part { offset, limit }))
            }
            Question::Path { object, ways, full } => Answer::Path(self.ways(self.find(object)?, ways, full)),
        };
        // Whoever asked has gone away: an answer would be made into text for nobody.
        if aborted.is_set() { Err(HuntError::Aborted.into()) } else { Ok(answer) }
    }

    fn summary(&self) -> Summary {
        let dominators = &self.tree.dominators;
        let unreachable = || self.graph.nodes().filter(|&node| !dominators.is_reachable(node));
        Summary {
            snapshot: SnapshotFacts::of(&self.path, &self.graph),
            classes: self.classes().len() as u64,
            unreachable: unreachable().count() as u64,
            unreachable_bytes: unreachable().map(|node| self.graph.self_size(node)).sum::<crate::heap::Bytes>().0,
            contexts: self.contexts().len() as u64,
            detached_contexts: self.contexts().iter().filter(|context| context.detached).count() as u64,
            detached_natives: detached_natives(&self.graph).len() as u64,
        }
    }

    fn class_lines(&self, filter: &str, sort: Sort, part: Part) -> Page<ClassLine> {
        let part_of_name = filter.to_lowercase();
        let name = |row: &ClassSummary| self.graph.class_text(row.class);
        let mut rows: Vec<ClassSummary> =
            self.classes().iter().copied().filter(|row| has(name(row), &part_of_name)).collect();
        match sort {
            Sort::Retained => {}
            Sort::Shallow => rows.sort_by_key(|row| Reverse(row.shallow)),
            Sort::Count => rows.sort_by_key(|row| Reverse(row.count)),
            Sort::Name => rows.sort_by(|a, b| name(a).cmp(name(b))),
        }
        part.of(&rows, |row| ClassLine {
            class: cut(name(row)),
            count: row.count,
            shallow_bytes: row.shallow.0,
            retained_bytes: row.retained.0,
        })
    }

    fn shape_lines(&self, filter: &str, sort: Sort, part: Part) -> Page<ShapeLine> {
        let part_of_name = filter.to_lowercase();
        let mut rows: Vec<&ShapeLine> = self.shapes().iter().filter(|row| has(&row.shape, &part_of_name)).collect();
        match sort {
            Sort::Retained => {}
            Sort::Shallow => rows.sort_by_key(|row| Reverse(row.shallow_bytes)),
            Sort::Count => rows.sort_by_key(|row| Reverse(row.count)),
            Sort::Name => rows.sort_by(|a, b| a.shape.cmp(&b.shape)),
        }
        part.of(&rows, |&row| row.clone())
    }

    fn strings(&self, filter: &str, duplicates: bool, part: Part) -> Strings {
        let part_of_text = filter.to_lowercase();
        let text = |node: NodeIdx| string_text(&self.graph, node);
        let line = |node, count, shallow_bytes, wasted_bytes| {
            let id = self.graph.id(node);
            StringLine { text: cut(&text(node)), count, shallow_bytes, wasted_bytes, id }
        };
        let page = if duplicates {
            let rows: Vec<_> = self.duplicates().iter().filter(|row| has(&text(row.example), &part_of_text)).collect();
            part.of(&rows, |row| line(row.example, row.count, row.shallow.0, row.wasted.0))
        } else {
            let is_wanted = |node: &NodeIdx| {
                self.graph.node_type(*node).is_string()
                    && self.sizes.of(*node).0 > 0
                    && has(&text(*node), &part_of_text)
            };
            let mut rows: Vec<NodeIdx> = self.graph.nodes().filter(is_wanted).collect();
            let key = |&node: &NodeIdx| (Reverse(self.sizes.of(node)), node);
            part.of_unsorted(&mut rows, key, |&node| line(node, 1, self.sizes.of(node).0, 0))
        };
        Strings { duplicates, page }
    }

    fn detached(&self, part: Part) -> Detached {
        let retained = |node| self.tree.dominators.retained(node);
        let mut contexts = self.contexts().to_vec();
        let contexts = part.of_unsorted(
            &mut contexts,
            |context| (!context.detached, Reverse(retained(context.node)), context.node),
            |context| ContextLine {
                id: self.graph.id(context.node),
                detached: context.detached,
                known_as: context.known_as.map(|node| self.thing(node)),
                retained_bytes: retained(context.node).0,
                held_by: context.detached.then(|| self.first_holder(context.node)).flatten(),
            },
        );
        Detached { contexts, natives: self.largest(detached_natives(&self.graph), part) }
    }

    fn first_holder(&self, node: NodeIdx) -> Option<crate::hunt::verdict::PathStep> {
        path::hops(&self.graph, self.retainers(), node).first().map(|hop| hop.step(&self.graph))
    }

    fn instances(&self, class: &str, filter: &str, part: Part) -> Result<Instances, InspectError> {
        let part_of_name = filter.to_lowercase();
        let is_shape = class.starts_with('{');
        let is_of_class = |node: &NodeIdx| {
            self.sizes.of(*node).0 > 0 && self.graph.class_name(*node) == class
                || is_shape && shape_of(&self.graph, *node).is_some_and(|shape| shape == class)
        };
        let all: Vec<NodeIdx> = self.graph.nodes().filter(is_of_class).collect();
        if all.is_empty() {
            return Err(InspectError::NoMatch(cut(class)));
        }
        let is_wanted = |&node: &NodeIdx| self.own_name_has(node, &part_of_name);
        let found: Vec<NodeIdx> = all.into_iter().filter(is_wanted).collect();
        Ok(Instances {
            class: cut(class),
            shallow_bytes: found.iter().map(|&node| self.sizes.of(node)).sum::<crate::heap::Bytes>().0,
            page: self.largest(found, part),
        })
    }

    fn own_name_has(&self, node: NodeIdx, part_of_name: &str) -> bool {
        part_of_name.is_empty() || has(&string_text(&self.graph, node), part_of_name)
    }

    /// Those that retain most first.
    pub(super) fn largest(&self, mut nodes: Vec<NodeIdx>, part: Part) -> Page<Thing> {
        let key = |&node: &NodeIdx| (Reverse(self.tree.dominators.retained(node)), node);
        part.of_unsorted(&mut nodes, key, |&node| self.thing(node))
    }
}
