//! The control socket: how a person at a command line asks a running recorder. `docs/control-socket.md` is the reference of what is said on it.
//!
//! One socket for the process, and one thread that serves it ([`server`]), whatever the number of recorders. It sleeps until somebody connects, waits for nobody,
//! and holds neither a lock nor a queue that the JavaScript thread or a background thread could wait for: a wish goes into the bounded queue of a recorder's [`Desk`], on the same way as one of code's
//! from there, and the answer comes back through a [`Ticket`].

mod client;
mod desk;
mod line;
mod request;
mod server;

pub use desk::{About, Captured, Order, Ticket};

use crate::capture::{Failure, Say};
use crate::os::{self, PrivateSocket};
use crossbeam_channel::Receiver;
use desk::{Asked, Desk};
use parking_lot::Mutex;
use server::{Bell, Desks, Server};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// As `/proc` shows it, by which the command line tells a recorder that can be asked from one that cannot.
const THREAD: &str = "leakhunt-ctl";

/// The one of this process, while a recorder wants it. Only background threads wait for it, for as long as one of them starts or ends it.
static RUNNING: Mutex<Option<Service>> = Mutex::new(None);

/// A recorder that can be asked. Dropped on the thread that made it, the recorder's own; the last one takes the socket with it.
pub struct Control {
    desk: Arc<Desk>,
    asked: Receiver<Asked>,
}

impl Control {
    /// The first recorder of a process says where the socket is: in `dir`. Should that fail, `say` is told.
    pub fn open(about: About, dir: &Path, say: Say) -> Self {
        let (desk, asked) = Desk::new(about);
        let mut running = RUNNING.lock();
        if running.as_ref().is_none_or(|service| service.thread.is_finished()) {
            let others = running.take().map(|service| service.desks).unwrap_or_default();
            *running = Service::start(dir, others, say);
        }
        if let Some(service) = &*running {
            service.desks.lock().push(Arc::clone(&desk));
        }
        Self { desk, asked }
    }

    /// What somebody wants of this recorder.
    pub fn next(&self) -> Option<(Order, Ticket)> {
        self.asked.try_recv().ok()
    }

    /// What `ps` is to show from now on.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let mut running = RUNNING.lock();
        let Some(service) = &*running else { return };
        let is_last = {
            let mut desks = service.desks.lock();
            desks.retain(|desk| !Arc::ptr_eq(desk, &self.desk));
            desks.is_empty()
        };
        if is_last && let Some(service) = running.take() {
            service.end();
        }
    }
}

struct Service {
    bell: Arc<Bell>,
    desks: Desks,
    thread: JoinHandle<()>,
}

impl Service {
    fn start(dir: &Path, desks: Desks, say: Say) -> Option<Self> {
        let home = os::kept_file(dir, "control");
        let failed = |error| Failure::Control { path: home.clone(), error };
        let (bell, heard) = match Bell::new() {
            Ok(both) => both,
            Err(error) => {
                say(&failed(error));
                return None;
            }
        };
        let bell = Arc::new(bell);
        let (ringing, open, path, tell) = (Arc::clone(&bell), Arc::clone(&desks), home.clone(), Arc::clone(&say));
        let serve = move || match PrivateSocket::bind(&path) {
            Ok(socket) => Server::new(socket, heard, ringing, open).run(),
            Err(error) => tell(&Failure::Control { path, error }),
        };
        match std::thread::Builder::new().name(THREAD.to_owned()).spawn(serve) {
            Ok(thread) => Some(Self { bell, desks, thread }),
            Err(error) => {
                say(&failed(error));
                None
            }
        }
    }

    /// Waits for the thread, which waits for nobody.
    fn end(self) {
        self.bell.end();
        let _ = self.thread.join();
    }
}
