//! The N-API skin, and the only place that names napi: it turns values of JavaScript into calls of the modules below, and their
//! answers into values. Nothing is computed here.

mod capabilities;
mod error;
mod monitor;
mod statistics;
