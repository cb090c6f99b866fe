//! What can be asked, as a program writes it: `{"question": "classes", "filter": "session"}`.

use super::error::InspectError;
use super::page::DEFAULT_LIMIT;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "question", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Question {
    Summary {},
    Classes {
        /// A part of the name, in letters of either case.
        #[serde(default)]
        filter: String,
        #[serde(default)]
        sort: Sort,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Shapes {
        #[serde(default)]
        filter: String,
        #[serde(default)]
        sort: Sort,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Strings {
        #[serde(default)]
        filter: String,
        #[serde(default)]
        duplicates: bool,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Detached {
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Instances {
        /// A class, or a shape of plain objects.
        class: String,
        /// A part of the object's own name: a function's name, a string's text.
        #[serde(default)]
        filter: String,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Show {
        object: ObjectId,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    /// Who holds it directly, one by one.
    Holders {
        object: ObjectId,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    /// Who holds it, in groups, level by level: as `leakhunt retainers`.
    Retainers {
        /// A class, or `@` and an id.
        of: String,
    },
    /// What it dominates at once. Without an object: what nothing else dominates.
    Children {
        #[serde(default)]
        object: Option<ObjectId>,
        #[serde(default)]
        by_class: bool,
        #[serde(default)]
        offset: u64,
        #[serde(default = "default_limit")]
        limit: u64,
    },
    Path {
        object: ObjectId,
        /// How many, each through another holder.
        #[serde(default = "one")]
        ways: u64,
        /// With every link of V8's own.
        #[serde(default)]
        full: bool,
    },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sort {
    #[default]
    Retained,
    Shallow,
    Count,
    Name,
}

/// V8's number of an object, as a number or as people write it: `"@123"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectId(pub u64);

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "an object is named by its id: 123 or \"@123\"")]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(id) => Ok(ObjectId(id)),
            Written::Text(text) => text.strip_prefix('@').unwrap_or(&text).parse().map(ObjectId).map_err(|_| {
                serde::de::Error::custom(format!("an object is named by its id, as @123, and not by {text:?}"))
            }),
        }
    }
}

impl Question {
    pub fn from_json(text: &str) -> Result<Question, InspectError> {
        serde_json::from_str(text).map_err(|error| {
            // Where in the text it happened says nothing to somebody who typed a command.
            let words = error.to_string();
            InspectError::Question(words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words).to_owned())
        })
    }
}

fn default_limit() -> u64 {
    DEFAULT_LIMIT
}

fn one() -> u64 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read_with_their_defaults() {
        let read = |text: &str| Question::from_json(text).unwrap();
        assert_eq!(
            read(r#"{"question":"classes"}"#),
            Question::Classes { filter: String::new(), sort: Sort::Retained, offset: 0, limit: DEFAULT_LIMIT }
        );
        for object in ["5", "\"5\"", "\"@5\""] {
            assert_eq!(
                read(&format!(r#"{{"question":"path","object":{object},"full":true}}"#)),
                Question::Path { object: ObjectId(5), ways: 1, full: true }
            );
        }
        assert!(matches!(read(r#"{"question":"children","byClass":true}"#), Question::Children { by_class: true, .. }));
    }

    #[test]
    fn what_is_wrong_with_a_question_is_said() {
        for (text, words) in [
            ("{", "EOF"),
            ("[]", "missing field `question`"),
            (r#"{"question":"clases"}"#, "unknown variant `clases`, expected one of `summary`"),
            (r#"{"question":"show"}"#, "missing field `object`"),
            (r#"{"question":"show","object":"Session"}"#, "@123"),
            (r#"{"question":"show","object":-1}"#, "@123"),
            (r#"{"question":"classes","colour":1}"#, "unknown field `colour`"),
            (r#"{"question":"classes","sort":"age"}"#, "`retained`"),
            (r#"{"question":"classes","limit":-1}"#, "-1"),
        ] {
            let error = Question::from_json(text).unwrap_err();
            assert_eq!(error.code(), "ERR_LEAKHUNT_QUESTION");
            let said = error.to_string();
            assert!(said.contains(words) && !said.contains("at line"), "{text}: {said}");
        }
    }
}
