//! Real directories with what the dead and strangers leave in them.

use super::*;
use crate::capture::Naming;
use crate::capture::journal::{Begin, Left};
use crossbeam_channel::never;

fn hold(directory: &Directory) -> Hold {
    directory.hold("tests", Duration::ZERO, &never()).unwrap()
}

fn begin(id: &str, run: &str) -> Entry {
    Entry::Begin(Begin { id: id.into(), run: run.into(), at: Moment::now(), deadline_ms: 1000, ..Begin::default() })
}

fn outcomes(history: &History) -> Vec<&str> {
    history.attempts.iter().map(|attempt| attempt.end.as_ref().map_or("open", |end| &end.outcome)).collect()
}

#[test]
fn only_names_of_leakhunts_own_are_its_files() {
    let directory = Directory::new(Path::new("/d"));
    for format in Format::ALL {
        let own = Naming { dir: "/d".into(), thread_id: 0 }.next(format).beside_v8();
        let name = own.snapshot_name();
        let (stem, end) = split(&name).unwrap();
        assert_eq!(
            (Path::new("/d").join(format!("{stem}.json")), Format::of_ending(end)),
            (own.sidecar.clone(), Some(format))
        );
        assert_eq!(directory.snapshot(&name), Some((own.snapshot.clone(), own.sidecar.clone())));
        let v8 = own.v8.as_ref().unwrap();
        assert_eq!(split(v8.file.file_name().unwrap().to_str().unwrap()), Some((stem, BY_V8)));
        // V8 writes a file of its own in the process, and that is a text.
        let raw = (format == Format::Heapsnapshot).then(|| own.raw_partial());
        for litter in [&own.snapshot_partial, &own.sidecar_partial, &v8.partial].into_iter().chain(&raw) {
            assert!(is_litter(split(litter.file_name().unwrap().to_str().unwrap()).unwrap().1), "{}", litter.display());
        }
    }
    for other in [
        "Heap.heapsnapshot.zst",
        "Heap.20260101.000000.1.0.001.heapsnapshot",
        "../Heap.20260101.000000.1.0.001.heapsnapshot.zst",
        "Heap.20260101.000000.1.0.001.x/../heapsnapshot.zst",
        "Heap.20260101.000000.1.0.heapsnapshot.zst",
        "Heap.20260101.000000.1.0.001.lhgraph.zst",
        "",
    ] {
        assert_eq!(directory.snapshot(other), None, "{other}");
        assert!(!directory.remove(other));
    }
}

#[test]
fn litter_of_the_dead_is_swept_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    let stem = "Heap.20260101.000000.1.0.001";
    let other = "Heap.20260101.000000.1.0.002";
    let columns = "Heap.20260101.000000.1.0.005";
    let gone = [
        format!("{stem}.heapsnapshot.zst.partial"),
        format!("{stem}.json"),
        format!("{stem}.v8.heapsnapshot.zst"),
        format!("{other}.json.partial"),
        format!("{other}.v8.heapsnapshot.zst.partial"),
        format!("{columns}.lhgraph.partial"),
        format!("{columns}.json"),
    ];
    let whole = "Heap.20260101.000000.1.0.006";
    let stays = [
        format!("{other}.heapsnapshot.zst"),
        format!("{other}.json"),
        format!("{other}.v8.heapsnapshot.zst"),
        format!("{whole}.lhgraph"),
        format!("{whole}.json"),
        "mine.heapsnapshot.zst.partial".to_owned(),
        "Heap.20260101.000000.1.0.003.txt.partial".to_owned(),
    ];
    for name in gone.iter().chain(&stays) {
        std::fs::write(dir.path().join(name), "x").unwrap();
    }
    let link = "Heap.20260101.000000.1.0.004.json.partial";
    std::os::unix::fs::symlink(dir.path().join(&stays[0]), dir.path().join(link)).unwrap();
    let directory = Directory::new(dir.path());
    assert!(directory.has_a_past());
    drop(hold(&directory));
    for name in &gone {
        assert!(!dir.path().join(name).exists(), "{name}");
    }
    for name in &stays {
        assert!(dir.path().join(name).exists(), "{name}");
    }
    assert!(dir.path().join(link).is_symlink());
}

#[test]
fn a_snapshot_counts_and_goes_with_v8s_own_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path());
    let paths = Naming { dir: dir.path().to_owned(), thread_id: 0 }.next(Format::Heapsnapshot).beside_v8();
    let v8 = &paths.v8.as_ref().unwrap().file;
    std::fs::write(&paths.snapshot, "12345").unwrap();
    assert_eq!(directory.bytes_of(&paths.snapshot_name()), Some(5));
    std::fs::write(v8, "1234567").unwrap();
    assert_eq!(directory.bytes_of(&paths.snapshot_name()), Some(12));
    assert_eq!(directory.snapshot(v8.file_name().unwrap().to_str().unwrap()), None, "it is none of its own");
    assert!(directory.remove(&paths.snapshot_name()) && !v8.exists());
}

#[test]
fn an_attempt_that_nobody_closed_was_a_death_unless_the_app_had_said_that_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path());
    let journal = Journal::open(&directory.journal_path()).unwrap();
    let left = Entry::Left(Left { id: "2".into(), at: Moment::now() });
    for entry in [begin("1", "other"), begin("2", "other"), left, begin("3", os::run_id())] {
        journal.append(entry).unwrap();
    }
    let first = hold(&directory);
    assert_eq!(outcomes(&first.history), [End::DIED, End::LEFT, End::UNCLOSED]);
    drop(first);
    assert_eq!(hold(&directory).history.deaths().len(), 1, "and it stays one: the journal says so");
}

#[test]
fn without_a_lock_an_attempt_may_still_go_on() {
    let mut history = History::default();
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal")).unwrap();
    history.add(begin("now", "other"));
    let old = Moment { at_ms: 1, ..Moment::default() };
    history.add(Entry::Begin(Begin { id: "old".into(), at: old, deadline_ms: 1000, ..Begin::default() }));
    close_dead(&mut history, &journal, false).unwrap();
    assert_eq!(outcomes(&history), ["open", End::DIED]);
}

#[test]
fn a_directory_that_is_held_says_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path());
    let held = hold(&directory);
    let Err(failure) = directory.hold("tests", Duration::from_millis(30), &never()) else { panic!("held twice") };
    assert_eq!(failure.code(), "ERR_LEAKHUNT_CAPTURE_BUSY");
    assert!(failure.to_string().contains(&format!("process {} on ", std::process::id())), "{failure}");
    drop(held);
    drop(hold(&directory));
}

#[test]
fn a_journal_that_somebody_may_have_planted_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path());
    std::os::unix::fs::symlink("/etc/passwd", directory.journal_path()).unwrap();
    let Err(failure) = directory.hold("tests", Duration::ZERO, &never()) else { panic!("a link was followed") };
    assert_eq!(failure.code(), "ERR_LEAKHUNT_JOURNAL");
    assert!(failure.to_string().contains("symbolic link"), "{failure}");
}
