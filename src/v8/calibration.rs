//! Is what we read from V8 what V8 means? Each figure read natively is held against the one that `node:v8` gives for it.
//!
//! The native read is made before and after the JavaScript one; a figure agrees if it lies between the two. A collection in between
//! can move it out, so the caller tries a few times; a wrong layout disagrees every time.

use super::{CodeStatistics, HeapSpace, HeapStatistics, Word};
use thiserror::Error;

/// Named figures, as numbers of JavaScript.
pub type Reading = Vec<(String, f64)>;

#[derive(Debug, Error, PartialEq)]
pub enum Disagreement {
    #[error("`{name}` read natively is {native}, but node:v8 says {javascript}")]
    Value { name: String, native: f64, javascript: f64 },
    #[error("node:v8 has no figure `{0}`")]
    Missing(String),
}

/// Holds a JavaScript reading against the native ones made before and after it.
pub fn compare(before: &Reading, javascript: &Reading, after: &Reading) -> Result<(), Disagreement> {
    for ((name, first), (_, last)) in before.iter().zip(after) {
        let Some((_, value)) = javascript.iter().find(|(other, _)| other == name) else {
            return Err(Disagreement::Missing(name.clone()));
        };
        if *value < first.min(*last) || *value > first.max(*last) {
            return Err(Disagreement::Value { name: name.clone(), native: *last, javascript: *value });
        }
    }
    Ok(())
}

impl HeapStatistics {
    pub fn reading(&self) -> Reading {
        Word::NAMED.iter().map(|(word, name)| ((*name).to_owned(), self.get(*word) as f64)).collect()
    }
}

impl HeapSpace {
    pub fn reading(&self) -> Reading {
        let name = &self.name;
        vec![
            (format!("{name}.space_size"), self.size as f64),
            (format!("{name}.space_used_size"), self.used as f64),
            (format!("{name}.space_available_size"), self.available as f64),
            (format!("{name}.physical_space_size"), self.physical as f64),
        ]
    }
}

impl CodeStatistics {
    pub fn reading(&self) -> Reading {
        vec![
            ("code_and_metadata_size".to_owned(), self.code_and_metadata as f64),
            ("bytecode_and_metadata_size".to_owned(), self.bytecode_and_metadata as f64),
            ("external_script_source_size".to_owned(), self.external_script_source as f64),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(value: f64) -> Reading {
        vec![("used_heap_size".to_owned(), value)]
    }

    #[test]
    fn a_value_between_the_two_native_reads_agrees() {
        assert_eq!(compare(&reading(10.0), &reading(12.0), &reading(15.0)), Ok(()));
        assert_eq!(compare(&reading(15.0), &reading(12.0), &reading(10.0)), Ok(()));
    }

    #[test]
    fn a_value_outside_disagrees_and_says_which() {
        let wrong = compare(&reading(10.0), &reading(9.0), &reading(15.0)).unwrap_err();
        assert_eq!(wrong.to_string(), "`used_heap_size` read natively is 15, but node:v8 says 9");
    }

    #[test]
    fn a_figure_that_javascript_lacks_is_named() {
        assert_eq!(
            compare(&reading(1.0), &Vec::new(), &reading(1.0)),
            Err(Disagreement::Missing("used_heap_size".to_owned()))
        );
    }
}
