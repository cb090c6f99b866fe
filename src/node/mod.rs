//! The N-API skin, and the only place that names napi.

pub mod analysis;
