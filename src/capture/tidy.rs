//! What a start finds of the processes before it: unfinished files, attempts that nobody closed, a reason to capture no more.

use super::breaker;
use super::directory::{Directory, Hold};
use super::failure::Failure;
use super::job::Say;
use super::journal::{History, Journal, Moment};
use crossbeam_channel::never;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

/// A thread of its own, over in milliseconds: a slow disk is not to hold up the recorder. Dropping it waits for its end.
pub struct Tidying(Option<JoinHandle<()>>);

impl Tidying {
    pub fn start(dir: PathBuf, say: Say) -> Self {
        let work = move || {
            let found = breaker::guard(&dir, || Ok(tidy(&dir)));
            if let Some(failure) = found.unwrap_or_else(Some) {
                say(&failure);
            }
        };
        // Without it, the first capture does the same.
        Self(std::thread::Builder::new().name("leakhunt-tidy".to_owned()).spawn(work).ok())
    }
}

impl Drop for Tidying {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// Why captures have to wait or stay off, if so. Touches nothing where nobody has captured before.
fn tidy(dir: &Path) -> Option<Failure> {
    let directory = Directory::new(dir);
    if !directory.has_a_past() {
        return None;
    }
    let history = match directory.hold("tidies up", Duration::ZERO, &never()) {
        Ok(Hold { history, .. }) => history,
        // Somebody captures, and has tidied up before that; or nothing can be written here, which the first capture will say.
        Err(_) => read(&directory)?,
    };
    breaker::standing(&history, &Moment::now(), &directory.journal_path())
}

fn read(directory: &Directory) -> Option<History> {
    Journal::open_existing(&directory.journal_path()).ok()??.read().ok()
}
