//! When capture has to stay off: it has killed this app before, or leakhunt's own code has failed.

use super::directory::Directory;
use super::failure::Failure;
use super::journal::{Entry, Fault, History, Journal, Moment};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// After so many deaths with no success in between, nothing is captured until a person acts.
pub const CRASH_LOOP: usize = 3;
/// How long automatic captures wait after the first death; twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_secs(10 * 60);

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The fault that has switched capture off for the rest of this process.
static FAULT: OnceLock<String> = OnceLock::new();

/// Why nothing, or nothing automatic, may be captured now, by what the journal tells.
pub fn standing(history: &History, now: &Moment, journal: &Path) -> Option<Failure> {
    if let Some(fault) = history.faults.iter().rfind(|fault| fault.version == VERSION) {
        return Some(fault_failure(&fault.text, Some(journal)));
    }
    let deaths = history.deaths();
    if deaths.len() >= CRASH_LOOP {
        return Some(Failure::CrashLoop { deaths: deaths.len(), journal: journal.to_owned() });
    }
    let wait = FIRST_WAIT * (1 << deaths.len().saturating_sub(1));
    let left = wait.saturating_sub(deaths.last()?.at.age(now));
    (!left.is_zero()).then(|| Failure::BackingOff {
        deaths: deaths.len(),
        left_ms: left.as_millis() as u64,
        journal: journal.to_owned(),
    })
}

/// The fault of this process, if there was one.
pub fn own_fault() -> Option<Failure> {
    FAULT.get().map(|text| fault_failure(text, None))
}

fn fault_failure(text: &str, journal: Option<&Path>) -> Failure {
    Failure::Fault { text: text.to_owned(), version: VERSION, journal: journal.map(Path::to_owned) }
}

/// Runs a piece of leakhunt's own work. Should it panic, capture is off for this process and, by the journal, for the next ones of this version; whatever
/// `work` owned (a child, files, the lock) is gone when this returns.
pub fn guard<T>(dir: &Path, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = words_of(&*panic);
        let fault = Fault { at: Moment::now(), version: VERSION.to_owned(), text: text.clone() };
        let path = Directory::new(dir).journal_path();
        // Where it cannot be written, this process at least stays off.
        let _ = Journal::open(&path).and_then(|journal| {
            journal.append(Entry::Fault(fault))?;
            journal.sync()
        });
        let _ = FAULT.set(text.clone());
        Err(fault_failure(&text, Some(&path)))
    })
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::journal::{Begin, End};
    use crossbeam_channel::never;

    const MINUTE_MS: u64 = 60_000;

    fn moment(at_ms: u64) -> Moment {
        Moment { at_ms, ..Moment::default() }
    }

    fn history(outcomes: &[(&str, u64)]) -> History {
        let mut history = History::default();
        for (index, (outcome, at_ms)) in outcomes.iter().enumerate() {
            let id = index.to_string();
            history.add(Entry::Begin(Begin { id: id.clone(), ..Begin::default() }));
            history.add(Entry::End(End { at: moment(*at_ms), ..End::new(&id, outcome) }));
        }
        history
    }

    fn left_ms(history: &History, now_ms: u64) -> Option<u64> {
        standing(history, &moment(now_ms), Path::new("j")).map(|failure| match failure {
            Failure::BackingOff { left_ms, .. } => left_ms,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn after_a_death_automatic_captures_wait_and_longer_after_the_next() {
        let once = history(&[(End::DIED, MINUTE_MS)]);
        assert_eq!(left_ms(&once, MINUTE_MS), Some(10 * MINUTE_MS));
        assert_eq!(left_ms(&once, 5 * MINUTE_MS), Some(6 * MINUTE_MS));
        assert_eq!(left_ms(&once, 11 * MINUTE_MS), None);
        let twice = history(&[(End::DIED, 0), ("ERR_LEAKHUNT_NOT_QUIET", 0), (End::DIED, MINUTE_MS)]);
        assert_eq!(left_ms(&twice, MINUTE_MS), Some(20 * MINUTE_MS));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_it_wait_no_longer_than_the_whole_time() {
        assert_eq!(left_ms(&history(&[(End::DIED, 1000 * MINUTE_MS)]), 0), Some(10 * MINUTE_MS));
    }

    #[test]
    fn three_deaths_are_a_crash_loop_for_ever_and_a_success_between_ends_it() {
        let loops = history(&[(End::DIED, 0), (End::DIED, 0), (End::DIED, 0)]);
        let failure = standing(&loops, &moment(u64::MAX), Path::new("/d/leakhunt.journal")).unwrap();
        assert_eq!(failure.code(), "ERR_LEAKHUNT_CRASH_LOOP");
        assert!(failure.to_string().contains("/d/leakhunt.journal"), "{failure}");
        let between = history(&[(End::DIED, 0), (End::DIED, 0), (End::WRITTEN, 0), (End::DIED, 0)]);
        assert!(left_ms(&between, 0).is_some());
    }

    #[test]
    fn a_fault_holds_for_its_own_version() {
        for (version, code) in [(VERSION, Some("ERR_LEAKHUNT_FAULT")), ("0.0.9", None)] {
            let mut history = History::default();
            history.add(Entry::Fault(Fault { version: version.into(), text: "boom".into(), at: moment(0) }));
            let failure = standing(&history, &moment(0), Path::new("j"));
            assert_eq!(failure.as_ref().map(Failure::code), code);
        }
    }

    /// The one test that breaks this process's capture: nothing else in this binary captures.
    #[test]
    fn a_panic_lets_go_of_everything_and_is_found_by_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::new(dir.path());
        let result = guard(dir.path(), || -> Result<(), Failure> {
            let _hold = directory.hold("tests", Duration::ZERO, &never()).unwrap();
            panic!("index {} out of bounds", 7)
        });
        let failure = result.unwrap_err();
        assert_eq!(failure.code(), "ERR_LEAKHUNT_FAULT");
        assert!(failure.to_string().contains("index 7 out of bounds"), "{failure}");
        assert_eq!(own_fault().unwrap().code(), "ERR_LEAKHUNT_FAULT");
        let next = directory.hold("tests", Duration::ZERO, &never()).expect("the lock is free again");
        let standing = standing(&next.history, &Moment::now(), &directory.journal_path()).unwrap();
        assert_eq!(standing.code(), "ERR_LEAKHUNT_FAULT");
    }
}
