//! What is said on the socket: lines of JSON, each with the version of the protocol and one of `progress`, `answer` and `error`.

use serde_json::{Value, json};
use thiserror::Error;

/// Of the protocol.
pub const VERSION: u32 = 1;

/// Why a client is not served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("{0}")]
    Malformed(String),
    #[error("the request is of version {found}, and this leakhunt answers version {VERSION}")]
    Version { found: u32 },
    #[error("user {user} may not ask: only user {owner}, whose process this is, and root may")]
    User { user: u32, owner: u32 },
    #[error("{0} others are being served at this moment, which is the most")]
    Crowded(usize),
    #[error("no whole request came within {0} s")]
    Silent(u64),
    #[error("{}", no_thread(*.thread, .there))]
    NoThread { thread: u32, there: Vec<u32> },
    #[error("too many wishes are waiting already")]
    Busy,
    #[error("the recorder has ended")]
    Ended,
}

fn no_thread(thread: u32, there: &[u32]) -> String {
    let there: Vec<String> = there.iter().map(u32::to_string).collect();
    format!("no recorder runs in thread {thread}; there is one in {}", there.join(", "))
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Silent(_) => "ERR_LEAKHUNT_CONTROL_REQUEST",
            Self::Version { .. } => "ERR_LEAKHUNT_CONTROL_VERSION",
            Self::User { .. } => "ERR_LEAKHUNT_CONTROL_REFUSED",
            Self::Crowded(_) => "ERR_LEAKHUNT_CONTROL_BUSY",
            Self::NoThread { .. } => "ERR_LEAKHUNT_CONTROL_THREAD",
            Self::Busy => "ERR_LEAKHUNT_CAPTURE_BUSY",
            Self::Ended => "ERR_LEAKHUNT_STOPPED",
        }
    }

    pub fn document(&self) -> Value {
        json!({ "code": self.code(), "message": self.to_string(), "figures": null })
    }
}

fn line(what: &str, document: Value) -> Vec<u8> {
    let mut text = json!({ "version": VERSION, what: document }).to_string().into_bytes();
    text.push(b'\n');
    text
}

/// The wish has been left with a recorder.
pub fn progress(thread_id: u32) -> Vec<u8> {
    line("progress", json!({ "state": "asked", "threadId": thread_id }))
}

/// The last line.
pub fn last(reply: Result<Value, Value>) -> Vec<u8> {
    match reply {
        Ok(answer) => line("answer", answer),
        Err(error) => line("error", error),
    }
}
