//! Real files, a real journal, and a shell in the place of the analyst: the real one is in `__test__/every-node/unattended.spec.js`.

use super::*;
use crate::capture::{Engine, Format, Mode, Naming};

const DOCUMENT: &str = r#"{"version":1,"verdict":"leak","summary":"s","snapshots":[],"suspects":[],"unnamedFunctions":{"leakingClosures":0,"unnamed":0,"locations":[]}}"#;

fn case(dir: &Path, snapshots: usize, script: &str) -> Case {
    let snapshot = |_| {
        let path = Naming { dir: dir.to_owned(), thread_id: 0 }.next(Format::Heapsnapshot).snapshot;
        std::fs::write(&path, "snapshot").unwrap();
        Exhibit { path, raw_bytes: 8 }
    };
    Case {
        snapshots: (0..snapshots).map(snapshot).collect(),
        dir: dir.to_owned(),
        analyst: AnalystConfig {
            command: ["/bin/sh", "-c", script, "sh"].map(str::to_owned).into(),
            environment: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
            unavailable: None,
            deadline_ms: 60_000,
            max_memory_bytes: None,
        },
        capture: Config {
            mode: Mode::Fork,
            engine: Engine::V8,
            format: Format::Heapsnapshot,
            deadline_ms: 1,
            attempts: 1,
            nice: 19,
            zstd_level: 1,
            max_memory_bytes: None,
            reserve_bytes: Some(0),
            near_heap_limit: false,
            headroom_bytes: 0,
        },
    }
}

fn answering(document: &str) -> String {
    format!(r#"echo '{{"document":{document},"cost":{{"cpuMs":5,"peakRssBytes":6}}}}'"#)
}

fn judge(case: Case) -> Result<Finding, NoVerdict> {
    let (sender, receiver) = bounded(1);
    // One slot for the process, and tests run side by side.
    static ONE: parking_lot::Mutex<()> = parking_lot::Mutex::new(());
    let _one = ONE.lock();
    let _analysis = Analysis::start(case, move |result| sender.send(result).unwrap())?;
    receiver.recv().unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("verdict")).collect()
}

#[test]
fn a_verdict_is_written_beside_the_last_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let case = case(dir.path(), 3, &format!(r#"test $# = 4 && test "$1" = $PPID && {}"#, answering(DOCUMENT)));
    let last = case.snapshots[2].path.to_string_lossy().into_owned();
    let finding = judge(case).unwrap();
    assert_eq!(finding.answer, Answer::Leak);
    assert_eq!(finding.path.to_string_lossy(), last.replace("heapsnapshot.zst", "verdict.json"));
    let written: Value = serde_json::from_slice(&std::fs::read(&finding.path).unwrap()).unwrap();
    assert_eq!(written, finding.document);
    assert_eq!(finding.cost.peak_rss_bytes, 6);
    assert_eq!(names(dir.path()).len(), 1);
    assert!(Directory::new(dir.path()).remove(Path::new(&last).file_name().unwrap().to_str().unwrap()));
    assert!(names(dir.path()).is_empty(), "it goes with its snapshot");
}

#[test]
fn an_analyst_that_fails_is_told_in_its_words_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (script, words) in [
        ("echo it hurts >&2; exit 2", "it ended with code 2, and said: it hurts"),
        ("kill -9 $$", "it was ended by signal 9"),
        ("echo '{}'", "its answer is not a verdict"),
        (&answering("{}"), "its answer is not a verdict"),
    ] {
        let problem = judge(case(dir.path(), 2, script)).unwrap_err();
        assert_eq!(problem.code(), "ERR_LEAKHUNT_ANALYSIS_FAILED");
        assert!(problem.to_string().contains(words), "{problem}");
    }
    assert!(names(dir.path()).is_empty());
}

#[test]
fn nothing_is_started_without_room_or_snapshots() {
    let dir = tempfile::tempdir().unwrap();
    let mut large = case(dir.path(), 2, "exit 1");
    large.snapshots[0].raw_bytes = 1 << 60;
    assert!(matches!(judge(large), Err(NoVerdict::Room { .. })));
    let mut bounded = case(dir.path(), 2, "exit 1");
    bounded.analyst.max_memory_bytes = Some(1);
    let problem = judge(bounded).unwrap_err();
    assert!(problem.to_string().contains("hunt.maxMemoryBytes has 0 MB to spare"), "{problem}");
    let gone = case(dir.path(), 2, "exit 1");
    std::fs::remove_file(&gone.snapshots[0].path).unwrap();
    assert!(matches!(judge(gone), Err(NoVerdict::Gone { left: 1 })));
    let mut nowhere = case(dir.path(), 2, "exit 1");
    nowhere.analyst.unavailable = Some("no Node here".to_owned());
    assert!(matches!(judge(nowhere), Err(NoVerdict::Unavailable(_))));
}

#[test]
fn one_that_takes_too_much_memory_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let mut case = case(dir.path(), 2, "x=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 1000");
    case.analyst.max_memory_bytes = Some(LEAST_NEEDED);
    let problem = judge(case).unwrap_err();
    assert!(problem.to_string().contains("hunt.maxMemoryBytes allows"), "{problem}");
}

/// What is admitted for snapshots of a few bytes.
const LEAST_NEEDED: u64 = 100_000_100;

#[test]
fn a_known_leak_is_counted_and_not_told_again_for_a_day() {
    let now = Moment::now();
    let judged = |fingerprint: &str, told| Judged {
        fingerprint: Some(fingerprint.to_owned()),
        told,
        at: now.clone(),
        ..Judged::default()
    };
    let mut history = History::default();
    for entry in [judged("a", true), judged("a", false), judged("b", false)] {
        history.add(Entry::Judged(entry));
    }
    assert_eq!(known(&history, "a", &now), (2, false));
    assert_eq!(known(&history, "b", &now), (1, true));
    assert_eq!(known(&history, "c", &now), (0, true));
}
