//! A directory belongs to one hunt at a time: processes that share it (a cluster's workers, say) grow alike, and would use up the limits with halves of hunts.

use super::directory::Directory;
use super::failure::Failure;
use super::journal::{History, Moment};
use crate::os::{FileLock, Taken, kept_file};
use parking_lot::Mutex;
use std::path::Path;
use std::time::Duration;

/// Held from the first snapshot of a hunt to its end, and no longer than the process lives.
#[derive(Default)]
pub struct Claim(Mutex<Option<FileLock>>);

impl Claim {
    /// Takes the directory, if this hunt does not have it yet. A verdict that is younger than `rest` keeps a new hunt back, whichever process has come to it.
    pub fn take(&self, dir: &Path, history: &History, now: &Moment, rest: Duration) -> Result<(), Failure> {
        let mut held = self.0.lock();
        if held.is_some() {
            return Ok(());
        }
        let path = kept_file(dir, "hunt.lock");
        match FileLock::take(&path).map_err(|error| Failure::Journal { path: path.clone(), error })? {
            Taken::Ours(lock) => {
                let last = history.judged.iter().map(|judged| judged.at.age(now)).min();
                let left = last.map_or(Duration::ZERO, |age| rest.saturating_sub(age));
                if !left.is_zero() {
                    return Err(Failure::HuntRests { left_ms: left.as_millis() as u64 });
                }
                lock.describe(&Directory::holder("hunts"));
                *held = Some(lock);
                Ok(())
            }
            Taken::Theirs(words) => Err(Failure::HuntElsewhere { dir: dir.to_owned(), who: Directory::who(&words) }),
        }
    }

    pub fn release(&self) {
        *self.0.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::journal::{Entry, Judged};

    #[test]
    fn one_hunt_has_a_directory_until_it_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (Claim::default(), Claim::default());
        let take = |claim: &Claim| claim.take(dir.path(), &History::default(), &Moment::now(), Duration::ZERO);
        take(&first).unwrap();
        take(&first).unwrap();
        let refused = take(&second).unwrap_err();
        assert_eq!(refused.code(), "ERR_LEAKHUNT_HUNT_ELSEWHERE");
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        first.release();
        take(&second).unwrap();
    }

    #[test]
    fn a_verdict_of_whomever_makes_a_rest() {
        let dir = tempfile::tempdir().unwrap();
        let mut history = History::default();
        history.add(Entry::Judged(Judged { at: Moment::now(), ..Judged::default() }));
        let claim = Claim::default();
        let take = |rest| claim.take(dir.path(), &history, &Moment::now(), Duration::from_secs(rest));
        assert!(matches!(take(3600), Err(Failure::HuntRests { left_ms: 3_500_000.. })));
        take(0).unwrap();
    }
}
