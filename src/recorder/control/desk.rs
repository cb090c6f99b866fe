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

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::TryRecvError;
    use std::io::Read;

    fn about() -> About {
        About { thread_id: 3, since_ms: 7, dir: "/d".to_owned(), program: None, versions: BTreeMap::new() }
    }

    #[test]
    fn an_answer_and_the_want_of_one_both_ring() {
        let (bell, mut heard) = Bell::new().unwrap();
        let bell = Arc::new(bell);
        let mut rings = || heard.read(&mut [0; 8]).unwrap_or(0);
        let (ticket, answer) = Ticket::new(Arc::clone(&bell));
        assert_eq!((rings(), answer.try_recv()), (0, Err(TryRecvError::Empty)));
        ticket.answer(Ok(json!(5)));
        assert_eq!((rings(), answer.try_recv()), (1, Ok(Ok(json!(5)))));
        let (ticket, answer) = Ticket::new(bell);
        drop(ticket);
        assert_eq!((rings(), answer.try_recv()), (1, Err(TryRecvError::Disconnected)));
    }

    #[test]
    fn a_bell_that_nobody_answers_keeps_nobody_waiting() {
        let (bell, heard) = Bell::new().unwrap();
        for _ in 0..1_000_000 {
            bell.ring();
        }
        drop(heard);
        bell.ring();
    }

    #[test]
    fn a_few_wishes_wait_and_no_more() {
        let (bell, _heard) = Bell::new().unwrap();
        let bell = Arc::new(bell);
        let (desk, asked) = Desk::new(about());
        let left: Vec<bool> = (0..WISHES + 2)
            .map(|_| desk.ask(Order::Census { max_classes: 1 }, Ticket::new(Arc::clone(&bell)).0))
            .collect();
        assert_eq!(left.iter().filter(|left| **left).count(), WISHES);
        drop(asked);
        assert!(!desk.ask(Order::Census { max_classes: 1 }, Ticket::new(bell).0));
    }

    #[test]
    fn before_the_first_sample_it_says_that_it_knows_nothing() {
        let (desk, _asked) = Desk::new(about());
        let document = desk.document();
        assert_eq!((&document["threadId"], &document["sinceMs"]), (&json!(3), &json!(7)));
        for unknown in ["heapUsedBytes", "heapLimitBytes", "rssBytes", "sampledMs", "lastCapture", "program"] {
            assert_eq!(document.get(unknown), Some(&Value::Null), "{unknown}");
        }
    }
}
