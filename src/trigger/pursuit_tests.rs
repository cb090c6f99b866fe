use super::*;

const MB: u64 = 1 << 20;
const ROOM: u64 = 4096 * MB;
const PATIENCE: u64 = 3600;
const REST: u64 = 600;

struct Hunt {
    pursuit: Pursuit,
    start: Instant,
    seconds: u64,
}

impl Hunt {
    fn new() -> Self {
        let terms = Patience { patience: Duration::from_secs(PATIENCE), rest: Duration::from_secs(REST) };
        Self { pursuit: Pursuit::new(terms), start: Instant::now(), seconds: 0 }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_secs(self.seconds)
    }

    fn wait(&mut self, seconds: u64) -> Due {
        self.seconds += seconds;
        let now = self.now();
        self.pursuit.due(now)
    }

    /// A full collection ten seconds later, without and with a word of the leak line's.
    fn live(&mut self, megabytes: u64) -> Due {
        self.collect(megabytes, false)
    }

    fn collect(&mut self, megabytes: u64, grows: bool) -> Due {
        self.seconds += 10;
        let now = self.now();
        self.pursuit.observe(now, megabytes * MB, grows);
        self.pursuit.due(now)
    }

    /// As if what is due were begun and ended at once.
    fn capture(&mut self, megabytes: u64) {
        self.pursuit.begun();
        assert_eq!(self.wait(0), Due::Nothing, "one at a time");
        let now = self.now();
        self.pursuit.captured(now, megabytes * MB, ROOM);
    }

    /// A leak of 30 MB for each snapshot, with three of them taken: the analysis is due.
    fn ripe() -> Self {
        let mut hunt = Self::new();
        assert_eq!(hunt.collect(100, true), Due::Capture(1));
        hunt.capture(100);
        for (number, megabytes) in [(2, 130), (3, 160)] {
            assert_eq!(hunt.live(megabytes), Due::Nothing, "one collection is not enough");
            assert_eq!(hunt.live(megabytes), Due::Capture(number));
            hunt.capture(megabytes);
        }
        assert_eq!(hunt.wait(0), Due::Analysis);
        hunt
    }

    fn judged(&mut self, judgement: Judgement) -> bool {
        self.pursuit.begun();
        let now = self.now();
        self.pursuit.judged(now, judgement, ROOM)
    }

    /// Whether the leak line is listened to now.
    fn listens(&mut self) -> bool {
        let now = self.now();
        self.pursuit.observe(now, 100 * MB, true)
    }
}

#[test]
fn growth_makes_three_snapshots_and_an_analysis() {
    let mut hunt = Hunt::ripe();
    assert!(!hunt.judged(Judgement::Leak { times: 1 }));
    assert!(!hunt.pursuit.is_open());
}

#[test]
fn nothing_begins_without_the_leak_lines_word() {
    let mut hunt = Hunt::new();
    for megabytes in [100, 200, 300] {
        assert_eq!(hunt.live(megabytes), Due::Nothing);
    }
}

#[test]
fn the_second_waits_for_significant_growth_and_the_third_for_as_much_again() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.capture(100);
    // A fifth of 100 MB.
    hunt.live(119);
    assert_eq!(hunt.live(119), Due::Nothing);
    hunt.live(150);
    assert_eq!(hunt.live(150), Due::Capture(2));
    hunt.capture(150);
    hunt.live(199);
    assert_eq!(hunt.live(199), Due::Nothing);
    hunt.live(200);
    assert_eq!(hunt.live(200), Due::Capture(3));
}

#[test]
fn one_spike_makes_no_snapshot() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.capture(100);
    for megabytes in [101, 300, 102, 300, 101] {
        assert_eq!(hunt.live(megabytes), Due::Nothing);
    }
}

#[test]
fn near_the_limit_the_intervals_are_shorter() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.pursuit.begun();
    let now = hunt.now();
    hunt.pursuit.captured(now, 100 * MB, 30 * MB);
    hunt.live(111);
    assert_eq!(hunt.live(111), Due::Capture(2), "a third of the 30 MB that are left");
}

#[test]
fn what_stops_growing_is_let_go_after_the_patience() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.capture(100);
    for _ in 0..PATIENCE / 10 - 1 {
        assert_eq!(hunt.live(101), Due::Nothing);
    }
    assert_eq!(hunt.live(101), Due::Ended(Why::GrowthStopped));
    assert_eq!(hunt.wait(0), Due::Nothing);
    assert!(!hunt.listens());
    hunt.wait(REST);
    assert!(hunt.listens());
}

#[test]
fn slow_growth_is_waited_for() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.capture(100);
    for megabytes in [103, 106, 109, 112, 115, 118] {
        assert_eq!(hunt.wait(PATIENCE - 20), Due::Nothing);
        assert_eq!(hunt.live(megabytes), Due::Nothing);
    }
    hunt.live(120);
    assert_eq!(hunt.live(120), Due::Capture(2));
}

#[test]
fn what_is_refused_is_asked_for_again_and_not_for_ever() {
    let mut hunt = Hunt::new();
    let mut asked = 0;
    let mut due = hunt.collect(100, true);
    while due != Due::Ended(Why::Refused) {
        if due == Due::Capture(1) {
            asked += 1;
            hunt.pursuit.begun();
            let now = hunt.now();
            hunt.pursuit.refused(now, None);
        }
        due = hunt.wait(10);
    }
    assert!((2..=RETRIES + 1).contains(&asked), "{asked}");
    assert!((PATIENCE..PATIENCE + 60).contains(&hunt.seconds), "{}", hunt.seconds);
}

#[test]
fn a_refusal_with_a_time_is_asked_again_at_that_time() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.pursuit.begun();
    let now = hunt.now();
    hunt.pursuit.refused(now, Some(Duration::from_secs(2)));
    assert_eq!(hunt.wait(1), Due::Nothing);
    assert_eq!(hunt.wait(1), Due::Capture(1));
}

#[test]
fn a_heap_that_has_shrunk_meanwhile_is_not_captured() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    hunt.capture(100);
    hunt.live(130);
    assert_eq!(hunt.live(130), Due::Capture(2));
    let now = hunt.now();
    hunt.pursuit.refused(now, Some(Duration::from_secs(60)));
    hunt.live(90);
    assert_eq!(hunt.wait(60), Due::Nothing);
}

#[test]
fn an_unsure_answer_asks_for_another_interval_up_to_five() {
    let mut hunt = Hunt::ripe();
    for (number, megabytes) in [(4, 190), (5, 220)] {
        assert!(hunt.judged(Judgement::Inconclusive));
        assert_eq!(hunt.live(megabytes), Due::Nothing);
        assert_eq!(hunt.live(megabytes), Due::Capture(number));
        hunt.capture(megabytes);
        assert_eq!(hunt.wait(0), Due::Analysis);
    }
    assert!(!hunt.judged(Judgement::Inconclusive));
    assert!(!hunt.pursuit.is_open());
}

#[test]
fn an_analysis_that_is_refused_is_asked_for_again() {
    let mut hunt = Hunt::ripe();
    let now = hunt.now();
    hunt.pursuit.refused(now, None);
    assert_eq!(hunt.wait(1), Due::Nothing);
    assert_eq!(hunt.wait(300), Due::Analysis);
    assert_eq!(hunt.wait(PATIENCE), Due::Ended(Why::Refused));
}

#[test]
fn the_rest_is_longer_where_nothing_was_found_and_each_time() {
    let rest_after = |hunt: &mut Hunt, judgement| {
        hunt.judged(judgement);
        hunt.pursuit.rests_for(hunt.now()).as_secs()
    };
    assert_eq!(rest_after(&mut Hunt::ripe(), Judgement::Leak { times: 1 }), REST);
    assert_eq!(rest_after(&mut Hunt::ripe(), Judgement::Leak { times: 3 }), 4 * REST);
    assert_eq!(rest_after(&mut Hunt::ripe(), Judgement::Leak { times: 90 }), 24 * 3600);
    let mut hunt = Hunt::ripe();
    assert_eq!(rest_after(&mut hunt, Judgement::NoLeak), 4 * REST);
    hunt.wait(4 * REST);
    assert!(hunt.listens());
    let now = hunt.now();
    hunt.pursuit.failed(now);
    assert_eq!(hunt.pursuit.rests_for(now).as_secs(), 8 * REST);
}

#[test]
fn what_is_left_to_others_is_taken_up_when_they_are_done() {
    let mut hunt = Hunt::new();
    hunt.collect(100, true);
    let now = hunt.now();
    hunt.pursuit.left(now, Some(Duration::from_secs(5)));
    assert!(!hunt.listens());
    hunt.wait(5);
    assert!(hunt.listens());
    hunt.pursuit.left(hunt.now(), None);
    assert_eq!(hunt.pursuit.rests_for(hunt.now()).as_secs(), REST);
}

#[test]
fn a_snapshot_that_something_else_triggered_serves_where_it_is_far_enough() {
    let mut hunt = Hunt::new();
    let now = hunt.now();
    assert!(!hunt.pursuit.adopt(now, 100 * MB, ROOM), "no hunt is on");
    hunt.collect(100, true);
    assert!(!hunt.pursuit.adopt(now, 100 * MB, ROOM), "the first is the hunt's own");
    hunt.capture(100);
    assert!(!hunt.pursuit.adopt(now, 109 * MB, ROOM));
    assert!(hunt.pursuit.adopt(now, 115 * MB, ROOM));
    hunt.live(131);
    assert_eq!(hunt.live(131), Due::Capture(3));
}
