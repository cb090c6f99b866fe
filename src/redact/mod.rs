//! Takes the contents of the app's strings out of a heap snapshot while it streams by.
//!
//! [`Redactor`] is fed a `.heapsnapshot` in pieces and writes the same text, byte for byte, but for the `strings` section: what is content
//! there becomes `[24 chars #9f3a1c2b7d4e5f60]`, its length and a salted hash ([`Salt`]); what names a part of the program stays. Nodes, edges, ids
//! and sizes are untouched, and so is the number of strings.
//!
//! A string of the file serves every node and edge that has this text, so it is judged by everything that it is used for. While nodes and edges pass,
//! [`usage`] notes that; when the strings come, [`judge`] has each decided by [`evidence`], with what [`names`] knows of how V8 spells things:
//!
//! | used as | stays |
//! |---|---|
//! | the name of a function, of a piece of code or of a script; a variable of a scope | yes |
//! | the name of a link of V8's own | yes, without the node names that V8 puts into those of a `WeakMap`'s entries |
//! | the name of a property, the class of an object | if the program's source has it (a constant pool or a scope refers to a string like that), or Node itself |
//! | the content of a string, the source of a regular expression | only if it is one of the above as well |
//!
//! Whatever is not known to stay goes. `docs/capture.md` says what that does not cover.
//!
//! Pure: no `unsafe`, no Node, no operating system.

mod evidence;
mod graph;
mod judge;
mod known;
mod names;
mod placeholder;
mod redactor;
mod usage;

pub use graph::redacted_strings;
pub use placeholder::{Salt, is_placeholder, placeholder_length};
pub use redactor::{RedactError, Redactor};

#[cfg(test)]
mod redactor_tests;
