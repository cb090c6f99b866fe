//! The N-API skin, and the only place that names napi: it turns values of JavaScript into calls of the modules below, and their
//! answers into values. Nothing is computed here.

pub mod analysis;
pub mod capabilities;
pub mod census;
pub mod error;
pub mod inspection;
pub mod job;
pub mod monitor;
pub mod statistics;
