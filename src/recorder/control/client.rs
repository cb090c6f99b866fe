//! One who is connected. Nothing here waits: each step does what can be done at once.

use super::desk::{Order, Reply, Ticket};
use super::line::{Refusal, last, progress};
use super::request::{LONGEST, Request, parse};
use super::server::{Bell, Desks};
use crate::os::{Await, peer_user, send, user};
use crossbeam_channel::{Receiver, TryRecvError};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// For the whole request, and for the whole answer to be taken.
const TO_ASK: Duration = Duration::from_secs(5);
const TO_HEAR: Duration = Duration::from_secs(30);
/// For the other side to close as well, and what it may still send meanwhile. Closed at once, a client that has not sent its request yet would see an error and not the answer.
const TO_PART: Duration = Duration::from_secs(1);
const STILL_SENT: usize = 1 << 20;

pub struct Client {
    stream: UnixStream,
    state: State,
    until: Option<Instant>,
}

enum State {
    Asking(Vec<u8>),
    Awaiting(Receiver<Reply>),
    Hearing {
        text: Vec<u8>,
        heard: usize,
    },
    /// All is said. So many bytes are read and dropped.
    Parting(usize),
    Gone,
}

impl Client {
    pub fn new(stream: UnixStream, now: Instant) -> Self {
        let mut client = Self { stream, state: State::Asking(Vec::new()), until: Some(now + TO_ASK) };
        let owner = user();
        match peer_user(&client.stream) {
            Ok(peer) if peer == owner || peer == 0 => {}
            Ok(peer) => client.refuse(&Refusal::User { user: peer, owner }, now),
            Err(_) => client.state = State::Gone,
        }
        client
    }

    /// One for whom there is no room hears that.
    pub fn turned_away(stream: UnixStream, most: usize, now: Instant) -> Self {
        let mut client = Self { stream, state: State::Gone, until: None };
        client.refuse(&Refusal::Crowded(most), now);
        client
    }

    pub fn awaited(&self) -> (BorrowedFd<'_>, Await) {
        let awaited = match self.state {
            State::Asking(_) | State::Parting(_) => Await::Input,
            State::Hearing { .. } => Await::Room,
            State::Awaiting(_) | State::Gone => Await::Nothing,
        };
        (self.stream.as_fd(), awaited)
    }

    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether something is still to be done for it.
    pub fn is_served(&self) -> bool {
        !matches!(self.state, State::Parting(_) | State::Gone)
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone)
    }

    /// `is_ready` says that what it awaits of the socket is there, or that the other side is gone.
    pub fn step(&mut self, is_ready: bool, now: Instant, desks: &Desks, bell: &Arc<Bell>) {
        match &self.state {
            State::Asking(_) if is_ready => self.listen(now, desks, bell),
            State::Awaiting(_) if is_ready => self.state = State::Gone,
            State::Awaiting(answer) => match answer.try_recv() {
                Ok(reply) => self.tell(last(reply), now),
                Err(TryRecvError::Disconnected) => self.refuse(&Refusal::Ended, now),
                Err(TryRecvError::Empty) => {}
            },
            State::Hearing { .. } if is_ready => self.write(now),
            State::Parting(_) if is_ready => self.drop_input(),
            State::Asking(_) | State::Hearing { .. } | State::Parting(_) | State::Gone => {}
        }
        if self.until.is_some_and(|until| now >= until) {
            match self.state {
                State::Asking(_) => self.refuse(&Refusal::Silent(TO_ASK.as_secs()), now),
                _ => self.state = State::Gone,
            }
        }
    }

    /// The socket is closed: whoever awaits an answer is told that there will be none, if he can hear it at once.
    pub fn part(mut self) {
        if matches!(self.state, State::Asking(_) | State::Awaiting(_)) {
            self.refuse(&Refusal::Ended, Instant::now());
        }
    }

    fn listen(&mut self, now: Instant, desks: &Desks, bell: &Arc<Bell>) {
        let State::Asking(line) = &mut self.state else { return };
        let mut more = [0; LONGEST];
        match self.stream.read(&mut more) {
            // It has gone without a whole request.
            Ok(0) => self.state = State::Gone,
            Ok(length) => {
                let end = more[..length].iter().position(|byte| *byte == b'\n');
                line.extend(&more[..end.unwrap_or(length)]);
                if line.len() > LONGEST {
                    let found = format!("a request is one line of at most {LONGEST} bytes, and more came");
                    self.refuse(&Refusal::Malformed(found), now);
                } else if end.is_some() {
                    let line = std::mem::take(line);
                    match parse(&line) {
                        Ok(request) => self.serve(request, now, desks, bell),
                        Err(refusal) => self.refuse(&refusal, now),
                    }
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.state = State::Gone,
        }
    }

    fn serve(&mut self, request: Request, now: Instant, desks: &Desks, bell: &Arc<Bell>) {
        let (thread, order) = match request {
            Request::Ps => return self.tell(last(Ok(processes(desks))), now),
            Request::Capture { thread, order } => (thread, order),
        };
        match leave(thread, order, desks, bell) {
            Ok((thread_id, answer)) => {
                self.until = None;
                self.state = State::Awaiting(answer);
                // There is room for the first line, unless the other side is gone, which the next look shows.
                let _ = send(&self.stream, &progress(thread_id));
            }
            Err(refusal) => self.refuse(&refusal, now),
        }
    }

    fn refuse(&mut self, refusal: &Refusal, now: Instant) {
        self.tell(last(Err(refusal.document())), now);
    }

    fn tell(&mut self, text: Vec<u8>, now: Instant) {
        self.until = Some(now + TO_HEAR);
        self.state = State::Hearing { text, heard: 0 };
        self.write(now);
    }

    fn write(&mut self, now: Instant) {
        let State::Hearing { text, heard } = &mut self.state else { return };
        match send(&self.stream, &text[*heard..]) {
            Ok(more) => *heard += more,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => {
                self.state = State::Gone;
                return;
            }
        }
        if *heard >= text.len() {
            let closed = self.stream.shutdown(Shutdown::Write);
            self.state = if closed.is_ok() { State::Parting(STILL_SENT) } else { State::Gone };
            self.until = Some(now + TO_PART);
        }
    }

    fn drop_input(&mut self) {
        let State::Parting(left) = &mut self.state else { return };
        let mut dropped = [0; LONGEST];
        match self.stream.read(&mut dropped) {
            Ok(length) if 0 < length && length < *left => *left -= length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(_) | Err(_) => self.state = State::Gone,
        }
    }
}

fn processes(desks: &Desks) -> Value {
    let desks = desks.lock().clone();
    let mut document = desks.first().map_or_else(|| json!({}), |desk| desk.process());
    document["recorders"] = desks.iter().map(|desk| desk.document()).collect();
    document
}

/// Leaves a wish with the recorder of a thread: of the main one, or of the first there is, where nobody says.
fn leave(
    thread: Option<u32>,
    order: Order,
    desks: &Desks,
    bell: &Arc<Bell>,
) -> Result<(u32, Receiver<Reply>), Refusal> {
    let desks = desks.lock().clone();
    let of = |thread: u32| desks.iter().find(|desk| desk.thread_id() == thread);
    let desk = match thread {
        Some(thread) => of(thread)
            .ok_or_else(|| Refusal::NoThread { thread, there: desks.iter().map(|desk| desk.thread_id()).collect() })?,
        None => of(0).or(desks.first()).ok_or(Refusal::Ended)?,
    };
    let (ticket, answer) = Ticket::new(Arc::clone(bell));
    if desk.ask(order, ticket) { Ok((desk.thread_id(), answer)) } else { Err(Refusal::Busy) }
}
