//! The thread that serves the socket: it sleeps until there is something to do, and no client can make it wait or hold much.

use super::client::Client;
use super::desk::Desk;
use crate::os::{Await, PrivateSocket, send, wait};
use parking_lot::Mutex;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Served at once.
const MOST: usize = 8;
/// With those who have been answered or turned away and have not closed yet. Each is a descriptor of the app's.
const MOST_OPEN: usize = 16;
/// Let in at one turn, before those who are in are looked at.
const AT_ONCE: usize = 16;
/// Somebody waits who cannot be let in (the process is at its limit of descriptors): he is not looked for all the time.
const REST: Duration = Duration::from_secs(1);

pub type Desks = Arc<Mutex<Vec<Arc<Desk>>>>;

/// Wakes the server, from any thread and without waiting.
pub struct Bell {
    stream: UnixStream,
    ended: AtomicBool,
}

impl Bell {
    /// The other one hears it.
    pub fn new() -> io::Result<(Self, UnixStream)> {
        let (stream, heard) = UnixStream::pair()?;
        heard.set_nonblocking(true)?;
        Ok((Self { stream, ended: AtomicBool::new(false) }, heard))
    }

    pub fn ring(&self) {
        // No room: it is ringing. Nobody at the other end: nobody has to know any more.
        let _ = send(&self.stream, &[1]);
    }

    pub fn end(&self) {
        // Paired with the acquire in `has_ended`; the ring comes after, so that who hears it sees this.
        self.ended.store(true, Ordering::Release);
        self.ring();
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

pub struct Server {
    socket: PrivateSocket,
    heard: UnixStream,
    bell: Arc<Bell>,
    desks: Desks,
    clients: Vec<Client>,
    /// Nobody is let in before.
    rests_until: Option<Instant>,
}

impl Server {
    pub fn new(socket: PrivateSocket, heard: UnixStream, bell: Arc<Bell>, desks: Desks) -> Self {
        Self { socket, heard, bell, desks, clients: Vec::with_capacity(MOST_OPEN), rests_until: None }
    }

    pub fn run(mut self) {
        while !self.bell.has_ended() {
            let Ok(ready) = self.wait() else {
                // Fewer descriptors are allowed to the process than are looked at here.
                std::thread::sleep(REST);
                continue;
            };
            let now = Instant::now();
            let [rung, knocked, clients @ ..] = ready.as_slice() else { break };
            for (client, is_ready) in self.clients.iter_mut().zip(clients) {
                client.step(*is_ready, now, &self.desks, &self.bell);
            }
            if *rung {
                self.hush();
            }
            self.clients.retain(|client| !client.is_gone());
            if *knocked {
                self.let_in(now);
            }
            if self.rests_until.is_some_and(|until| now >= until) {
                self.rests_until = None;
            }
        }
        // The name goes first: nobody comes any more.
        drop(self.socket);
        self.clients.into_iter().for_each(Client::part);
    }

    fn wait(&self) -> io::Result<Vec<bool>> {
        let knock = if self.rests_until.is_some() { Await::Nothing } else { Await::Input };
        let mut on = vec![(self.heard.as_fd(), Await::Input), (self.socket.as_fd(), knock)];
        on.extend(self.clients.iter().map(Client::awaited));
        let deadline = self.clients.iter().filter_map(Client::until).chain(self.rests_until).min();
        wait(&on, deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())))
    }

    /// Takes the rings; what they were for is looked at in the next turn, which comes at once where there is something.
    fn hush(&mut self) {
        let mut rings = [0; 64];
        while self.heard.read(&mut rings).is_ok_and(|length| length == rings.len()) {}
        let now = Instant::now();
        for client in &mut self.clients {
            client.step(false, now, &self.desks, &self.bell);
        }
    }

    fn let_in(&mut self, now: Instant) {
        for _ in 0..AT_ONCE {
            match self.socket.accept() {
                Ok(stream) => {
                    let served = self.clients.iter().filter(|client| client.is_served()).count();
                    let client = if served < MOST && self.clients.len() < MOST_OPEN {
                        Client::new(stream, now)
                    } else {
                        Client::turned_away(stream, MOST, now)
                    };
                    // One more is closed at once, with its word unread or not.
                    if self.clients.len() < MOST_OPEN {
                        self.clients.push(client);
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.rests_until = Some(now + REST);
                    return;
                }
            }
        }
    }
}
