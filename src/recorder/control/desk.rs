//! A recorder as the control socket knows it: what it shows, and where wishes are left for it.

use super::server::Bell;
use crate::recorder::event::Sample;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::Thread;

/// Wishes that may wait for a recorder; it takes them at once, and refuses all but one.
const WISHES: usize = 4;

/// Who a recorder is.
#[derive(Clone, Debug)]
pub struct About {
    pub thread_id: u32,
    pub since_ms: u64,
    pub dir: String,
    /// The file that Node was started with.
    pub program: Option<String>,
    pub versions: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Snapshot { reason: String },
    Census { max_classes: usize },
}

pub type Asked = (Order, Ticket);

/// Both are complete documents.
pub type Reply = Result<Value, Value>;

/// Somebody who awaits an answer. Dropped without one, it tells that there will be none.
pub struct Ticket {
    answer: Option<Sender<Reply>>,
    bell: Arc<Bell>,
}

impl Ticket {
    pub fn new(bell: Arc<Bell>) -> (Self, Receiver<Reply>) {
        let (answer, awaited) = bounded(1);
        (Self { answer: Some(answer), bell }, awaited)
    }

    pub fn answer(mut self, reply: Reply) {
        if let Some(answer) = self.answer.take() {
            // One slot, one answer; whoever has gone misses it.
            let _ = answer.try_send(reply);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Closed before the bell is rung: who hears it must find the end.
        drop(self.answer.take());
        self.bell.ring();
    }
}

/// How the last capture ended, whoever wanted it.
#[derive(Clone, Debug)]
pub struct Captured {
    pub kind: &'static str,
    pub reason: String,
    pub timestamp_ms: u64,
    pub path: Option<String>,
    /// Why there is none.
    pub code: Option<&'static str>,
}

#[derive(Default)]
struct Shown {
    sample: Option<Sample>,
    captured: Option<Captured>,
}

pub struct Desk {
    about: About,
    wishes: Sender<Asked>,
    /// The recorder's, which sleeps.
    thread: Thread,
    /// Held for a few copies by the background thread and by the socket's.
    shown: Mutex<Shown>,
}

impl Desk {
    /// For the recorder whose background thread this is.
    pub fn new(about: About) -> (Arc<Self>, Receiver<Asked>) {
        let (wishes, asked) = bounded(WISHES);
        let desk = Self { about, wishes, thread: std::thread::current(), shown: Mutex::default() };
        (Arc::new(desk), asked)
    }

    pub fn thread_id(&self) -> u32 {
        self.about.thread_id
    }

    /// `false` if too many wishes wait.
    pub fn ask(&self, order: Order, ticket: Ticket) -> bool {
        let left = self.wishes.try_send((order, ticket)).is_ok();
        self.thread.unpark();
        left
    }

    pub fn sampled(&self, sample: Sample) {
        self.shown.lock().sample = Some(sample);
    }

    pub fn captured(&self, captured: Captured) {
        self.shown.lock().captured = Some(captured);
    }

    /// What is the same for all recorders of a process.
    pub fn process(&self) -> Value {
        json!({ "pid": std::process::id(), "versions": self.about.versions })
    }

    pub fn document(&self) -> Value {
        let Shown { sample, captured } = &*self.shown.lock();
        json!({
            "threadId": self.about.thread_id,
            "program": self.about.program,
            "sinceMs": self.about.since_ms,
            "dir": self.about.dir,
            "heapUsedBytes": sample.map(|sample| sample.heap_used),
            "heapLimitBytes": sample.map(|sample| sample.heap_limit),
            "rssBytes": sample.map(|sample| sample.resident),
            "sampledMs": sample.map(|sample| sample.timestamp_ms as u64),
            "lastCapture": captured.as_ref().map(|captured| json!({
                "kind": captured.kind,
                "reason": captured.reason,
                "timestampMs": captured.timestamp_ms,
                "path": captured.path,
                "code": captured.code,
            })),
        })
    }
}
