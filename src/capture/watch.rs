//! The watch over a child at work: for its end, its deadline, a stop, and for memory and disk, so that the kernel never has to choose whom to end.
//!
//! How often it looks follows from what it saw: a fraction of the time in which the nearest limit would be reached. A look is a handful of small reads from
//! files that are held open.

use super::board::{Board, Phase};
use super::budget::{Budget, Nearest};
use super::pipeline::{Fate, Parting};
use super::quiet::is_stopped;
use super::shortage::{Exhaustion, Place};
use crate::os::memory::ChildGauge;
use crate::os::{Child, Exit};
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};

/// A child that has not come out of `fork` by then never will: another addon's `pthread_atfork` handler waits there for a thread that the child does not have.
const BIRTH: Duration = Duration::from_secs(10);
/// The exact reading of a child's own memory walks its page tables, so it is made this seldom.
const EXACT: Duration = Duration::from_secs(1);

pub enum Watched {
    Ended(Exit),
    TooLate(Option<Exit>),
    /// Ended, so that neither memory nor disk runs out.
    NoRoom(Option<Exit>, Exhaustion),
    NeverBegan(Duration),
    Stopped(Option<Exit>),
    Abandoned,
}

pub struct Watch<'a> {
    pub board: &'a Board,
    pub budget: &'a Budget,
    pub deadline: Duration,
    pub stop: &'a Receiver<()>,
    pub parting: &'a Parting,
}

impl Watch<'_> {
    /// Until the child has ended, or has to be.
    pub fn over(&self, mut child: Child) -> Watched {
        let start = Instant::now();
        let mut size = ChildSize::of(child.pid());
        let mut pace = Pace::default();
        loop {
            if let Some(exit) = child.try_wait() {
                if exit.ended.is_killed() {
                    self.budget.learn_at_least(size.taken());
                }
                return Watched::Ended(exit);
            }
            let elapsed = start.elapsed();
            if elapsed > self.deadline {
                return Watched::TooLate(child.kill());
            }
            if elapsed > BIRTH && self.board.phase() == Phase::Forking {
                child.kill();
                return Watched::NeverBegan(elapsed);
            }
            let nearest = self.nearest(&mut size, pace.rate);
            if let Some(nearest) = &nearest
                && nearest.left < nearest.least
            {
                let exhaustion = self.exhaustion(nearest, size.taken(), elapsed);
                return Watched::NoRoom(child.kill(), exhaustion);
            }
            let spare = nearest.map_or(u64::MAX, |nearest| nearest.spare());
            let pause = pace.next(elapsed, spare, start.elapsed() - elapsed);
            let _ = self.stop.recv_timeout(pause);
            if is_stopped(self.stop) {
                match self.parting.fate() {
                    Fate::Ended => return Watched::Stopped(child.kill()),
                    Fate::Abandoned => {
                        child.abandon();
                        return Watched::Abandoned;
                    }
                    // The channel is over, and no longer keeps the pace.
                    Fate::Finished => std::thread::sleep(pause),
                }
            }
        }
    }

    /// The user's own bound on the child, or what the system is nearest to.
    fn nearest(&self, size: &mut ChildSize, rate: f64) -> Option<Nearest> {
        size.look();
        if let Some(limit) = self.budget.terms().max_memory_bytes
            && size.exceeds(limit)
        {
            return Some(Nearest { place: Place::MaxMemory, left: 0, least: 1, limit });
        }
        self.budget.nearest(rate)
    }

    fn exhaustion(&self, nearest: &Nearest, taken: u64, elapsed: Duration) -> Exhaustion {
        if !matches!(nearest.place, Place::Disk { .. }) {
            self.budget.learn_at_least(taken);
        }
        Exhaustion {
            place: nearest.place.clone(),
            left: nearest.left,
            least: nearest.least,
            limit: nearest.limit,
            taken,
            expected: *self.budget.expected(),
            phase: self.board.phase().doing(),
            after_ms: elapsed.as_millis() as u64,
        }
    }
}

/// What a child takes of its own. It begins with all of its parent's pages, of which it makes some its own by writing to them, and adds new ones.
struct ChildSize {
    gauge: Option<ChildGauge>,
    at_start: u64,
    now: u64,
    exact: u64,
    exact_at: Option<Instant>,
}

impl ChildSize {
    fn of(pid: i32) -> Self {
        let gauge = ChildGauge::open(pid);
        let at_start = gauge.as_ref().and_then(ChildGauge::anonymous_bytes).unwrap_or(0);
        Self { gauge, at_start, now: at_start, exact: 0, exact_at: None }
    }

    fn look(&mut self) {
        self.now = self.gauge.as_ref().and_then(ChildGauge::anonymous_bytes).unwrap_or(self.now);
    }

    /// At least: new pages, or the last exact reading.
    fn taken(&self) -> u64 {
        self.now.saturating_sub(self.at_start).max(self.exact)
    }

    /// Whether it has taken more than `limit`. Read exactly only where both answers are possible.
    fn exceeds(&mut self, limit: u64) -> bool {
        if self.taken() <= limit && self.now > limit && self.exact_at.is_none_or(|at| at.elapsed() >= EXACT) {
            self.exact = self.gauge.as_ref().and_then(ChildGauge::private_bytes).unwrap_or(self.exact);
            self.exact_at = Some(Instant::now());
        }
        self.taken() > limit
    }
}

/// When to look again.
#[derive(Default)]
struct Pace {
    last: Option<(Duration, u64)>,
    /// Bytes a millisecond by which the nearest limit comes nearer, of late.
    rate: f64,
}

impl Pace {
    const SHORTEST: Duration = Duration::from_millis(2);
    const LONGEST: Duration = Duration::from_millis(50);
    /// Looks before the limit would be reached.
    const LOOKS: f64 = 8.0;
    /// Of the thread's time at most one part in so many.
    const COST: u32 = 20;

    fn next(&mut self, now: Duration, spare: u64, cost: Duration) -> Duration {
        if let Some((then, before)) = self.last {
            let ms = (now - then).as_secs_f64().max(1e-4) * 1e3;
            // A burst counts at once and is forgotten slowly.
            self.rate = (before.saturating_sub(spare) as f64 / ms).max(self.rate * 0.75);
        }
        let first = self.last.replace((now, spare)).is_none();
        let to_the_limit_ms = if first { 0.0 } else { spare as f64 / self.rate.max(1.0) / Self::LOOKS };
        Duration::from_secs_f64(to_the_limit_ms.min(1e3) / 1e3)
            .max(Self::SHORTEST)
            .max(cost * Self::COST)
            .min(Self::LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;
    const FREE: Duration = Duration::ZERO;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn a_quiet_child_is_looked_at_seldom_and_one_that_nears_a_limit_often() {
        let mut pace = Pace::default();
        assert_eq!(pace.next(ms(0), 900 * MB, FREE), Pace::SHORTEST, "nothing is known yet");
        assert_eq!(pace.next(ms(2), 900 * MB, FREE), Pace::LONGEST);
        // 1 MB a millisecond: 400 ms to the limit, an eighth of it.
        assert_eq!(pace.next(ms(52), 850 * MB, FREE), Pace::LONGEST);
        assert_eq!(pace.next(ms(502), 80 * MB, FREE).as_millis(), 5);
        assert_eq!(pace.next(ms(507), 10 * MB, FREE), Pace::SHORTEST);
    }

    #[test]
    fn a_burst_is_forgotten_slowly() {
        let mut pace = Pace::default();
        pace.next(ms(0), 200 * MB, FREE);
        pace.next(ms(10), 180 * MB, FREE);
        let after_the_burst = pace.rate;
        pace.next(ms(20), 180 * MB, FREE);
        assert!(pace.rate > after_the_burst / 2.0 && pace.rate < after_the_burst);
    }

    #[test]
    fn costly_looks_are_made_less_often_but_never_too_seldom() {
        let mut pace = Pace::default();
        assert_eq!(pace.next(ms(0), MB, ms(1)), ms(20));
        assert_eq!(pace.next(ms(1), 0, ms(9)), Pace::LONGEST);
    }

    #[test]
    fn a_child_that_takes_memory_grows() {
        use std::io::Write;
        use std::process::{Command, Stdio};
        // `tail` keeps what it may have to print, as long as its input is open.
        let mut tail =
            Command::new("tail").args(["-c", "40000000"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut size = ChildSize::of(tail.id() as i32);
        assert!(!size.exceeds(30 * MB));
        tail.stdin.as_mut().unwrap().write_all(&vec![b'x'; 50_000_000]).unwrap();
        size.look();
        assert!(size.taken() > 30 * MB, "{}", size.taken());
        assert!(size.exceeds(30 * MB) && !size.exceeds(1 << 40));
        tail.kill().unwrap();
        tail.wait().unwrap();
    }
}
