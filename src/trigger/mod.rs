//! When a picture is a leak and not a load spike: pure rules over figures, with no clock, thread or file of their own.

mod class_growth;
mod growth;
mod limits;
mod pursuit;
mod rule;

pub use class_growth::{ClassFound, ClassGrowth, Counted as CountedClass};
pub use growth::{Growth, GrowthFound};
pub use limits::{Denied, Limits, LimitsState, Past};
pub use pursuit::{Due, Judgement, Patience, Pursuit, Why};
pub use rule::{Crossing, Metric, Rule, RuleState, Whole};
