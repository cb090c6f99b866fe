//! An object as lists show it.

use super::Inspection;
use super::error::InspectError;
use super::question::ObjectId;
use crate::heap::{NodeIdx, NodeType, shape_of, string_text};
use serde::{Deserialize, Serialize};

/// As much of a text as an answer holds, in characters. V8 writes no more of a string; other files may.
const CUT: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    pub id: u64,
    pub class: String,
    /// What it is beyond its class: a string's text, a function's name, a plain object's shape.
    pub name: Option<String>,
    pub shallow_bytes: u64,
    pub retained_bytes: u64,
}

impl Inspection {
    pub(super) fn thing(&self, node: NodeIdx) -> Thing {
        Thing {
            id: self.graph.id(node),
            class: cut(self.graph.class_name(node)),
            name: self.name(node),
            shallow_bytes: self.sizes.of(node).0,
            retained_bytes: self.tree.dominators.retained(node).0,
        }
    }

    fn name(&self, node: NodeIdx) -> Option<String> {
        let name = self.graph.name(node);
        match self.graph.node_type(node) {
            kind if kind.is_string() => Some(cut(&string_text(&self.graph, node))),
            NodeType::Object | NodeType::Native if name == self.graph.class_name(node) => shape_of(&self.graph, node),
            _ => Some(cut(name)).filter(|name| !name.is_empty()),
        }
    }

    pub(super) fn find(&self, object: ObjectId) -> Result<NodeIdx, InspectError> {
        self.graph.find_id(object.0).ok_or(InspectError::NoObject(object.0))
    }
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(CUT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Whether `text` has `part` in it, in letters of either case. `part` is in small letters.
pub(super) fn has(text: &str, part: &str) -> bool {
    part.is_empty() || text.to_lowercase().contains(part)
}
