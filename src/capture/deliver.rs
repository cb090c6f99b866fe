//! The way of finished files out of a pod that will not live: a command or a function of the user's, one file after the other, on a thread of its own.
//!
//! What has to go is asked of the journal, each time: files of this process and of those before it, written and not delivered. A lock on the file itself keeps
//! two processes from delivering it at once; it goes with its holder, so what a killed process had begun is begun again.

use super::breaker;
use super::directory::Directory;
use super::failure::Failure;
use super::job::Say;
use super::journal::{Delivered, Entry, History, Journal, Moment};
use super::quiet::is_stopped;
use crate::os::command::{self, Halt, Order, Ran};
use crate::os::{FileLock, own_file_bytes};
use crossbeam_channel::{Receiver, Sender, bounded};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

/// Files of earlier processes that a start delivers, the newest: a directory full of old ones is not to keep it busy.
const FEW: usize = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliverConfig {
    /// The program and its first arguments; absent where JavaScript has a function.
    pub command: Option<Vec<String>>,
    /// The environment of the command, as it was at the start.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    pub attempts: u32,
    pub timeout_ms: u64,
}

/// Asks JavaScript's function to deliver a file. The answer is what went wrong, if anything did; no answer at all means that nobody is there any more.
pub struct DeliverRequest {
    pub path: String,
    pub sidecar: String,
    pub attempt: u32,
    pub answer: Sender<Result<(), String>>,
}

pub type AskDeliver = Box<dyn Fn(DeliverRequest) + Send>;

/// The thread. Dropping it ends a command under way and joins it.
pub struct Delivery {
    bell: Option<Sender<()>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Delivery {
    /// Begins with what earlier processes have left.
    pub fn start(config: DeliverConfig, dir: &Path, ask: AskDeliver, say: Say) -> std::io::Result<Self> {
        // One slot: whoever looks, sees all there is.
        let (bell, rung) = bounded(1);
        let (stop, stopped) = bounded(0);
        let worker = Worker { config, directory: Directory::new(dir), ask, say, stopped, given_up: HashSet::new() };
        let dir = dir.to_owned();
        let work = move || {
            let say = worker.say.clone();
            if let Err(failure) = breaker::guard(&dir, || {
                worker.run(&rung);
                Ok(())
            }) {
                say(&failure);
            }
        };
        let thread = std::thread::Builder::new().name("leakhunt-deliver".to_owned()).spawn(work)?;
        Ok(Self { bell: Some(bell), stop: Some(stop), thread: Some(thread) })
    }

    /// A file has been written.
    pub fn ring(&self) {
        // Full: it is about to look.
        let _ = self.bell.as_ref().map(|bell| bell.try_send(()));
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.stop = None;
        self.bell = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    config: DeliverConfig,
    directory: Directory,
    ask: AskDeliver,
    say: Say,
    stopped: Receiver<()>,
    /// Files that could not be delivered: the next start tries again.
    given_up: HashSet<String>,
}

/// The leakhunt thread wants its end.
struct Stopped;

impl Worker {
    fn run(mut self, rung: &Receiver<()>) {
        let mut old = self.pending();
        old.truncate(old.len().saturating_sub(FEW));
        self.given_up.extend(old);
        loop {
            while let Some(file) = self.pending().into_iter().next() {
                if self.deliver(&file).is_err() {
                    return;
                }
            }
            if rung.recv().is_err() {
                return;
            }
        }
    }

    fn history(&self) -> Option<History> {
        Journal::open_existing(&self.directory.journal_path()).ok()??.read().ok()
    }

    /// What is still to be delivered, oldest first.
    fn pending(&self) -> Vec<String> {
        let history = self.history().unwrap_or_default();
        let files = history.written().filter_map(|(_, end)| end.file.clone());
        files
            .filter(|file| !self.given_up.contains(file) && !history.is_delivered(file))
            .filter(|file| self.directory.bytes_of(file).is_some())
            .collect()
    }

    fn deliver(&mut self, file: &str) -> Result<(), Stopped> {
        // Whatever comes of it, it is not looked at again by this process.
        self.given_up.insert(file.to_owned());
        let Some((path, sidecar)) = self.directory.snapshot(file) else { return Ok(()) };
        let Ok(Some(_claim)) = FileLock::claim(&path) else { return Ok(()) };
        if own_file_bytes(&sidecar).is_none() {
            // A link, say, that somebody else has laid there for us to send what it leads to.
            let words = format!("{} is not a file of this user's own", sidecar.display());
            (self.say)(&Failure::Delivery { path, attempts: 0, words });
            return Ok(());
        }
        // Another process may have done it between our look and our claim.
        if self.history().is_some_and(|history| history.is_delivered(file)) {
            return Ok(());
        }
        let mut wait = FIRST_WAIT;
        let mut words = String::new();
        for attempt in 1..=self.config.attempts {
            match self.attempt(&path, &sidecar, attempt)? {
                Ok(()) => {
                    self.delivered(file, attempt);
                    return Ok(());
                }
                Err(problem) => words = problem,
            }
            if attempt < self.config.attempts {
                self.sleep(wait)?;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
        (self.say)(&Failure::Delivery { path, attempts: self.config.attempts, words });
        Ok(())
    }

    fn delivered(&self, file: &str, attempts: u32) {
        let path = self.directory.journal_path();
        let entry = Entry::Delivered(Delivered { file: file.to_owned(), at: Moment::now(), attempts });
        if let Err(error) = Journal::open(&path).and_then(|journal| journal.append(entry)) {
            (self.say)(&Failure::Journal { path, error });
        }
    }

    fn attempt(&self, path: &Path, sidecar: &Path, attempt: u32) -> Result<Result<(), String>, Stopped> {
        match &self.config.command {
            Some(command) => self.run_command(command, path, sidecar),
            None => self.ask_function(path, sidecar, attempt),
        }
    }

    fn run_command(&self, command: &[String], path: &Path, sidecar: &Path) -> Result<Result<(), String>, Stopped> {
        let order = match self.order(command, path, sidecar) {
            Ok(order) => order,
            Err(words) => return Ok(Err(words)),
        };
        let watch = |_pid, look| match self.sleep(look) {
            Ok(()) => ControlFlow::Continue(()),
            Err(Stopped) => ControlFlow::Break(Halt::Stopped),
        };
        match command::run(&order, watch) {
            Ok(Ran::Well(_)) => Ok(Ok(())),
            Ok(Ran::Badly(words)) => Ok(Err(words)),
            Ok(Ran::Stopped) => Err(Stopped),
            Err(error) => Ok(Err(format!("{} could not be started: {error}", order.program.display()))),
        }
    }

    fn order(&self, command: &[String], path: &Path, sidecar: &Path) -> Result<Order, String> {
        let search = self.config.environment.get("PATH").map_or("/usr/local/bin:/usr/bin:/bin", String::as_str);
        let name = command.first().map_or("", String::as_str);
        let program = command::find_program(name, search).ok_or_else(|| format!("there is no program {name}"))?;
        let paths = [path, sidecar].map(|path| path.as_os_str().to_owned());
        let mut environment: BTreeMap<OsString, OsString> =
            self.config.environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        // A Node that is started with our preload is not to record, nor to deliver in its turn.
        environment.insert("LEAKHUNT".into(), "0".into());
        environment.insert("LEAKHUNT_SNAPSHOT".into(), paths[0].clone());
        environment.insert("LEAKHUNT_SIDECAR".into(), paths[1].clone());
        Ok(Order {
            program,
            arguments: command[1..].iter().map(OsString::from).chain(paths).collect(),
            environment: environment.into_iter().collect(),
            timeout: Duration::from_millis(self.config.timeout_ms),
            errand: None,
        })
    }

    /// Its time is measured where it runs: a thread that is busy is no reason to ask twice.
    fn ask_function(&self, path: &Path, sidecar: &Path, attempt: u32) -> Result<Result<(), String>, Stopped> {
        let (answer, answered) = bounded(1);
        let text = |path: &Path| path.to_string_lossy().into_owned();
        (self.ask)(DeliverRequest { path: text(path), sidecar: text(sidecar), attempt, answer });
        crossbeam_channel::select! {
            recv(answered) -> answer => Ok(answer.unwrap_or_else(|_| Err("the function could not be asked".to_owned()))),
            recv(self.stopped) -> _ => Err(Stopped),
        }
    }

    fn sleep(&self, time: Duration) -> Result<(), Stopped> {
        let _ = self.stopped.recv_timeout(time);
        if is_stopped(&self.stopped) { Err(Stopped) } else { Ok(()) }
    }
}

#[cfg(test)]
#[path = "deliver_tests.rs"]
mod tests;
