//! What people read. Reports show documents and never compute: every number on the screen stands in the document.

pub mod text;
