//! What is asked on the socket: one line of JSON. Pure.

use super::desk::Order;
use super::line::{Refusal, VERSION};
use serde::Deserialize;

/// A request is short; what is longer is something else.
pub const LONGEST: usize = 4096;
/// As `hunt.snapshot()` has it, in UTF-16 units.
const LONGEST_REASON: usize = 200;
const REASON: &str = "requested at the control socket";
/// As `hunt.census()` has it.
const CLASSES: usize = 2000;
/// A census of so many is some two megabytes, which the app has to hold until they are read.
const MOST_CLASSES: usize = 10_000;
const VERBS: &str = "ps, snapshot or census";

#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Ps,
    /// `thread` is Node's `threadId`; `None` for the main one, or for the first there is.
    Capture {
        thread: Option<u32>,
        order: Order,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[serde(rename = "version")]
    _version: u32,
    verb: String,
    thread: Option<u32>,
    reason: Option<String>,
    max_classes: Option<usize>,
}

/// Looked at first: another version may have other fields.
#[derive(Deserialize)]
struct Versioned {
    version: Option<u32>,
}

/// `line` without its end.
pub fn parse(line: &[u8]) -> Result<Request, Refusal> {
    let unread =
        |error: serde_json::Error| Refusal::Malformed(format!("one JSON object on one line was expected: {error}"));
    let versioned: Versioned = serde_json::from_slice(line).map_err(unread)?;
    match versioned.version {
        Some(VERSION) => {}
        Some(found) => return Err(Refusal::Version { found }),
        None => return Err(Refusal::Malformed(format!("the field `version` is missing, which is {VERSION}"))),
    }
    let Written { verb, thread, reason, max_classes, .. } = serde_json::from_slice(line).map_err(unread)?;
    let misplaced = |field: &str| Refusal::Malformed(format!("`{verb}` takes no `{field}`"));
    if verb != "snapshot" && reason.is_some() {
        return Err(misplaced("reason"));
    }
    if verb != "census" && max_classes.is_some() {
        return Err(misplaced("maxClasses"));
    }
    match verb.as_str() {
        "ps" if thread.is_some() => Err(misplaced("thread")),
        "ps" => Ok(Request::Ps),
        "snapshot" => {
            let reason = reason.unwrap_or_else(|| REASON.to_owned());
            let length = reason.encode_utf16().count();
            if length > LONGEST_REASON {
                return Err(Refusal::Malformed(format!(
                    "`reason` must be a string of at most {LONGEST_REASON} characters, got {length}"
                )));
            }
            Ok(Request::Capture { thread, order: Order::Snapshot { reason } })
        }
        "census" => {
            let max_classes = max_classes.unwrap_or(CLASSES);
            if !(1..=MOST_CLASSES).contains(&max_classes) {
                return Err(Refusal::Malformed(format!(
                    "`maxClasses` must be a whole number from 1 to {MOST_CLASSES}, got {max_classes}"
                )));
            }
            Ok(Request::Capture { thread, order: Order::Census { max_classes } })
        }
        _ => Err(Refusal::Malformed(format!("there is no verb {verb:?}: {VERBS} was expected"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(line: &str) -> String {
        parse(line.as_bytes()).expect_err(line).to_string()
    }

    #[test]
    fn each_verb_has_its_fields_and_defaults() {
        let parsed = |line: &str| parse(line.as_bytes()).expect(line);
        let snapshot =
            |thread, reason: &str| Request::Capture { thread, order: Order::Snapshot { reason: reason.to_owned() } };
        let census = |thread, max_classes| Request::Capture { thread, order: Order::Census { max_classes } };
        assert_eq!(parsed(r#"{"version":1,"verb":"ps"}"#), Request::Ps);
        assert_eq!(parsed(r#"{"version":1,"verb":"snapshot"}"#), snapshot(None, REASON));
        assert_eq!(
            parsed(r#"{"version":1,"verb":"snapshot","thread":3,"reason":"größer"}"#),
            snapshot(Some(3), "größer")
        );
        assert_eq!(parsed(r#" { "verb": "census", "version": 1 } "#), census(None, CLASSES));
        assert_eq!(parsed(r#"{"version":1,"verb":"census","maxClasses":10000,"thread":0}"#), census(Some(0), 10_000));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            refusal(r#"{"version":2,"verb":"dance","steps":[]}"#),
            "the request is of version 2, and this leakhunt answers version 1"
        );
        assert!(refusal(r#"{"verb":"ps"}"#).contains("`version` is missing"));
        assert!(refusal(r#"{"version":1,"verb":"dance"}"#).contains("no verb \"dance\": ps, snapshot or census"));
        assert!(refusal(r#"{"version":1}"#).contains("missing field `verb`"));
        assert!(refusal(r#"{"version":1,"verb":"ps","steps":1}"#).contains("unknown field `steps`"));
        assert!(refusal(r#"{"version":1,"verb":"ps","reason":"x"}"#).contains("`ps` takes no `reason`"));
        assert!(refusal(r#"{"version":1,"verb":"ps","thread":0}"#).contains("`ps` takes no `thread`"));
        assert!(
            refusal(r#"{"version":1,"verb":"snapshot","maxClasses":5}"#).contains("`snapshot` takes no `maxClasses`")
        );
        for number in ["0", "10001"] {
            assert!(refusal(&format!(r#"{{"version":1,"verb":"census","maxClasses":{number}}}"#)).contains(number));
        }
        for wrong in ["-1", "1.5", "\"9\"", "1e99"] {
            assert!(
                refusal(&format!(r#"{{"version":1,"verb":"census","maxClasses":{wrong}}}"#))
                    .contains("one JSON object")
            );
        }
        let long = "ä".repeat(LONGEST_REASON + 1);
        assert!(
            refusal(&format!(r#"{{"version":1,"verb":"snapshot","reason":"{long}"}}"#))
                .contains("at most 200 characters, got 201")
        );
        for junk in ["", "ps", "[]", "null", "{", r#"{"version":1,"verb":"ps"} {}"#, "GET / HTTP/1.1\r"] {
            assert!(refusal(junk).contains("one JSON object on one line was expected"), "{junk}");
        }
        assert!(parse(&[b'['; LONGEST]).is_err());
    }

    proptest! {
        #[test]
        fn no_line_is_too_odd(line in proptest::collection::vec(any::<u8>(), 0..LONGEST)) {
            let _ = parse(&line);
        }
    }
}
