//! The lines of the journal. docs/capture.md describes them for people; fields may be added, and `v` grows when the meaning of one changes.

use super::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub const VERSION: u32 = 1;
/// One line, its end included. A reader skips longer ones.
pub const MAX_LINE: usize = 4096;
/// Words of others that go into a line.
const MAX_WORDS: usize = 500;

/// Its fields as they are.
pub type NearLimit = Map<String, Value>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Entry {
    /// An attempt begins: on disk before anything is forked.
    Begin(Begin),
    /// The app ends by its own wish; the child of this attempt goes on alone, or dies with the container.
    Left(Left),
    End(End),
    /// leakhunt's own code failed: this version captures no more.
    Fault(Fault),
    /// The heap was at its limit: written by the recorder, in V8's own call, and read by people.
    NearLimit(NearLimit),
    /// The hook has taken the file.
    Delivered(Delivered),
    /// Retention has removed the file.
    Removed(Removed),
    /// A hunt has come to a verdict.
    Judged(Judged),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Begin {
    pub id: String,
    /// The same for all attempts of one process.
    pub run: String,
    pub pid: u32,
    pub thread_id: u32,
    pub host: String,
    #[serde(flatten)]
    pub at: Moment,
    pub leakhunt: String,
    pub reason: String,
    /// leakhunt's own decision, not the code's wish.
    pub automatic: bool,
    /// That of the capture, or what it was for: `census`.
    pub mode: String,
    pub deadline_ms: u64,
    pub heap_used_bytes: Option<u64>,
    pub heap_limit_bytes: Option<u64>,
    pub rss_bytes: Option<u64>,
    pub cgroup_used_bytes: Option<u64>,
    pub cgroup_limit_bytes: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Left {
    pub id: String,
    #[serde(flatten)]
    pub at: Moment,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct End {
    pub id: String,
    #[serde(flatten)]
    pub at: Moment,
    /// One of the constants below, or the `ERR_LEAKHUNT_*` code of a failure.
    pub outcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// The snapshot's name within the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// In the child, at the fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heap_used_bytes: Option<u64>,
    /// What the child took for itself, pages shared with the app left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_private_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
}

impl End {
    pub const WRITTEN: &str = "written";
    /// A census, which leaves no file.
    pub const COUNTED: &str = "counted";
    /// Nobody closed the attempt, and nobody holds the lock any more: app and child were killed together.
    pub const DIED: &str = "died";
    /// The same, but the app had said that it ends.
    pub const LEFT: &str = "left";
    /// This process could not write the line at the time.
    pub const UNCLOSED: &str = "unclosed";

    pub fn new(id: &str, outcome: &str) -> Self {
        Self { id: id.to_owned(), at: Moment::now(), outcome: outcome.to_owned(), ..Self::default() }
    }

    pub fn is_written(&self) -> bool {
        self.outcome == Self::WRITTEN
    }

    pub fn is_death(&self) -> bool {
        self.outcome == Self::DIED
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Fault {
    #[serde(flatten)]
    pub at: Moment,
    /// The version of leakhunt whose fault it was.
    pub version: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Delivered {
    pub file: String,
    #[serde(flatten)]
    pub at: Moment,
    pub attempts: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Judged {
    /// The last snapshot that was looked at.
    pub file: String,
    #[serde(flatten)]
    pub at: Moment,
    /// `leak`, `no-leak` or `inconclusive`.
    pub verdict: String,
    /// Of the first suspect of a leak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Whether the app was told of it: it is not told of the same leak again and again.
    pub told: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Removed {
    pub file: String,
    #[serde(flatten)]
    pub at: Moment,
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    #[serde(flatten)]
    entry: Entry,
}

impl Entry {
    /// One line with its end, never longer than [`MAX_LINE`].
    pub fn line(mut self) -> String {
        match &mut self {
            Self::Begin(begin) => shorten(&mut begin.reason),
            Self::End(end) => shorten(&mut end.words),
            Self::Fault(fault) => shorten(&mut fault.text),
            Self::Left(_) | Self::NearLimit(_) | Self::Delivered(_) | Self::Removed(_) | Self::Judged(_) => {}
        }
        let line = serde_json::to_string(&Line { v: VERSION, entry: self }).unwrap_or_default() + "\n";
        // Control characters take six bytes each as JSON; what is still too long is not written at all.
        if line.len() > MAX_LINE { String::new() } else { line }
    }

    /// `None` for whatever is no line of this version: half a line, other kinds, junk.
    pub fn parse(line: &[u8]) -> Option<Self> {
        if line.len() >= MAX_LINE {
            return None;
        }
        let Line { v, entry } = serde_json::from_slice(line).ok()?;
        (v == VERSION).then_some(entry)
    }
}

fn shorten(words: &mut String) {
    *words = words.chars().filter(|each| !each.is_control()).take(MAX_WORDS).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_read_as_it_was_written() {
        let at = Moment::now();
        let file = "Heap.x".to_owned();
        let entries = [
            Entry::Begin(Begin {
                id: "1".into(),
                reason: "a\u{e9}\u{1f600}".into(),
                at: at.clone(),
                ..Begin::default()
            }),
            Entry::Left(Left { id: "1".into(), at: at.clone() }),
            Entry::End(End { bytes: Some(u64::MAX), pause_ms: Some(1.5), ..End::new("1", End::WRITTEN) }),
            Entry::Fault(Fault { at: at.clone(), version: "0.1.0".into(), text: "index out of bounds".into() }),
            Entry::NearLimit(Map::from_iter([("atMs".to_owned(), 5.into()), ("heapUsedBytes".to_owned(), 7.into())])),
            Entry::Delivered(Delivered { file: file.clone(), at: at.clone(), attempts: 2 }),
            Entry::Removed(Removed { file: file.clone(), at: at.clone() }),
            Entry::Judged(Judged { file, at, verdict: "leak".into(), fingerprint: Some("f".into()), told: true }),
        ];
        for entry in entries {
            let line = entry.clone().line();
            assert!(line.ends_with('\n') && line.starts_with("{\"v\":1,\"kind\":\""), "{line}");
            assert_eq!(Entry::parse(line.trim_end().as_bytes()), Some(entry));
        }
    }

    #[test]
    fn words_of_others_cannot_make_a_line_too_long() {
        let reason = "\u{1}\u{1f600}\"\\".repeat(5000);
        let line = Entry::Begin(Begin { reason, ..Begin::default() }).line();
        assert!(!line.is_empty() && line.len() <= MAX_LINE);
        assert!(Entry::parse(line.as_bytes()).is_some());
    }

    #[test]
    fn what_is_no_line_of_this_version_is_nothing() {
        let deep = format!("{{\"v\":1,\"kind\":\"end\",\"id\":{}", "[".repeat(3000));
        for line in [
            "",
            "{",
            "null",
            "{\"v\":1}",
            "{\"v\":2,\"kind\":\"left\",\"id\":\"x\"}",
            "{\"v\":1,\"kind\":\"later\"}",
            &deep,
        ] {
            assert_eq!(Entry::parse(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Entry::parse(&vec![b'['; 100_000]), None);
        assert_eq!(Entry::parse(b"\xff\xfe"), None);
        assert_eq!(Entry::parse(br#"{"v":1,"kind":"end","id":"x","bytes":-1}"#), None);
    }
}
