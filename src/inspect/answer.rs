//! The answers. Fields may be added; what is there keeps its name, its unit and its meaning.

use super::page::Page;
use super::thing::Thing;
use crate::hunt::retainers::Held;
use crate::hunt::verdict::{Location, PathStep, SnapshotFacts};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "kebab-case")]
pub enum Answer {
    Summary(Summary),
    Classes(Page<ClassLine>),
    Shapes(Page<ShapeLine>),
    Strings(Strings),
    Detached(Detached),
    Instances(Instances),
    Show(Box<Shown>),
    Holders(Holders),
    Retainers(Box<Held>),
    Children(Children),
    Path(Ways),
}

impl Answer {
    pub fn locations(&mut self) -> Vec<&mut Location> {
        match self {
            Answer::Show(shown) => shown.location.iter_mut().collect(),
            Answer::Retainers(held) => held.locations(),
            _ => Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub snapshot: SnapshotFacts,
    pub classes: u64,
    /// Objects that only weak references lead to, or none.
    pub unreachable: u64,
    pub unreachable_bytes: u64,
    pub contexts: u64,
    pub detached_contexts: u64,
    pub detached_natives: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassLine {
    pub class: String,
    pub count: u64,
    pub shallow_bytes: u64,
    pub retained_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShapeLine {
    pub shape: String,
    pub count: u64,
    pub shallow_bytes: u64,
    pub retained_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Strings {
    pub duplicates: bool,
    #[serde(flatten)]
    pub page: Page<StringLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StringLine {
    pub text: String,
    pub count: u64,
    pub shallow_bytes: u64,
    /// What one string for all would save.
    pub wasted_bytes: u64,
    /// The largest of them.
    pub id: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detached {
    /// Those that are detached first.
    pub contexts: Page<ContextLine>,
    pub natives: Page<Thing>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextLine {
    pub id: u64,
    pub detached: bool,
    /// The object by which the program knows it.
    pub known_as: Option<Thing>,
    pub retained_bytes: u64,
    /// Who keeps a detached one.
    pub held_by: Option<PathStep>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instances {
    pub class: String,
    /// All of them together.
    pub shallow_bytes: u64,
    #[serde(flatten)]
    pub page: Page<Thing>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    pub object: Thing,
    /// Whether anything but weak references leads to it.
    pub reachable: bool,
    /// The nearest object without which it would be garbage.
    pub dominator: Option<Thing>,
    /// A function's place, or that of the constructor.
    pub location: Option<Location>,
    pub fields: Page<Field>,
    /// What a function sees, the innermost scope first.
    pub scopes: Vec<Scope>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    pub edge: String,
    pub edge_type: String,
    pub object: Thing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    pub id: u64,
    pub variables: Page<Field>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holders {
    pub object: Thing,
    #[serde(flatten)]
    pub page: Page<HoldingEdge>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldingEdge {
    pub edge: String,
    pub edge_type: String,
    /// The holder.
    pub object: Thing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Children {
    pub object: Thing,
    pub by_class: bool,
    #[serde(flatten)]
    pub page: Page<Child>,
}

/// One object, or all of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    pub class: String,
    pub count: u64,
    pub shallow_bytes: u64,
    pub retained_bytes: u64,
    pub id: Option<u64>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ways {
    pub object: Thing,
    pub full: bool,
    /// Each from whoever holds the object up to a GC root.
    pub ways: Vec<Vec<PathStep>>,
}
