//! What the verdict says of things that are odd whether or not they grow.

use crate::hunt::verdict::{Holder, Location, PathStep};
use serde::{Deserialize, Serialize};

/// One sort of oddity in the last snapshot. Never a leak by itself: the verdict does not depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Which rule found it, as `duplicate-strings`.
    pub kind: String,
    /// One sentence, for people.
    pub summary: String,
    /// What to do about it, and what would make it harmless.
    pub advice: String,
    /// How many of the things there are, and how large they are together.
    pub count: u64,
    pub bytes: u64,
    /// What would be free if it were put right, at least; 0 where a snapshot does not tell.
    pub wasted_bytes: u64,
    /// The weightiest first.
    pub examples: Vec<Example>,
    /// The same figures in each snapshot; none where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Trend>,
}

/// One of the things, or one group of equal ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    pub class: String,
    /// By which the snapshot knows it: the first question to `leakhunt retainers`.
    pub id: u64,
    pub count: u64,
    pub bytes: u64,
    pub wasted_bytes: u64,
    /// The beginning of a string, or what a redaction has left of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub holder: Holder,
    /// From the holder up to a GC root.
    pub path: Vec<PathStep>,
    /// Of a function.
    pub location: Option<Location>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trend {
    pub counts: Vec<u64>,
    pub bytes: Vec<u64>,
    /// By the rule by which suspects grow.
    pub grows: bool,
}
