//! Real files, a real journal, and a function in the place of the user's.

use super::*;
use crate::capture::journal::{Begin, End};
use crate::capture::{Format, Naming};
use std::sync::Arc;

/// A finished snapshot in `dir` that the journal knows.
fn written(dir: &Path) -> String {
    let paths = Naming { dir: dir.to_owned(), thread_id: 0 }.next(Format::Lhgraph);
    std::fs::write(&paths.snapshot, "snapshot").unwrap();
    std::fs::write(&paths.sidecar, "{}").unwrap();
    let journal = Journal::open(&Directory::new(dir).journal_path()).unwrap();
    let id = paths.snapshot_name();
    journal.append(Entry::Begin(Begin { id: id.clone(), at: Moment::now(), ..Begin::default() })).unwrap();
    let end = End { file: Some(id.clone()), ..End::new(&id, End::WRITTEN) };
    journal.append(Entry::End(end)).unwrap();
    id
}

fn name(path: &str) -> String {
    Path::new(path).file_name().unwrap().to_str().unwrap().to_owned()
}

struct Setup {
    asked: Receiver<DeliverRequest>,
    said: Receiver<String>,
    delivery: Delivery,
}

fn start(dir: &Path, attempts: u32) -> Setup {
    let (ask, asked) = crossbeam_channel::unbounded();
    let (say, said) = crossbeam_channel::unbounded();
    let config = DeliverConfig { command: None, environment: BTreeMap::new(), attempts, timeout_ms: 60_000 };
    let ask: AskDeliver = Box::new(move |request| drop(ask.send(request)));
    let say: Say = Arc::new(move |failure: &Failure| drop(say.send(format!("{} {failure}", failure.code()))));
    Setup { asked, said, delivery: Delivery::start(config, dir, ask, say).unwrap() }
}

fn delivered(dir: &Path) -> Vec<String> {
    let mut journal = Journal::open(&Directory::new(dir).journal_path()).unwrap();
    journal.read().unwrap().delivered.iter().map(|each| each.file.clone()).collect()
}

#[test]
fn what_earlier_processes_left_comes_first_and_then_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let earlier = written(dir.path());
    let setup = start(dir.path(), 1);
    let first = setup.asked.recv().unwrap();
    assert_eq!((name(&first.path), first.attempt), (earlier.clone(), 1));
    assert!(Path::new(&first.sidecar).exists());
    first.answer.send(Ok(())).unwrap();
    let new = written(dir.path());
    setup.delivery.ring();
    let second = setup.asked.recv().unwrap();
    assert_eq!(name(&second.path), new);
    second.answer.send(Ok(())).unwrap();
    drop(setup.delivery);
    assert_eq!(delivered(dir.path()), [earlier, new]);
}

#[test]
fn of_many_old_ones_the_newest_few_are_delivered_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let all: Vec<String> = (0..FEW + 3).map(|_| written(dir.path())).collect();
    let setup = start(dir.path(), 1);
    for expected in &all[3..] {
        let request = setup.asked.recv().unwrap();
        assert_eq!(&name(&request.path), expected);
        request.answer.send(Ok(())).unwrap();
    }
    drop(setup);
}

#[test]
fn a_sidecar_that_leads_elsewhere_is_not_handed_over() {
    let dir = tempfile::tempdir().unwrap();
    let (path, sidecar) = Directory::new(dir.path()).snapshot(&written(dir.path())).unwrap();
    std::fs::remove_file(&sidecar).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &sidecar).unwrap();
    let setup = start(dir.path(), 3);
    let words = setup.said.recv().unwrap();
    assert!(words.starts_with("ERR_LEAKHUNT_DELIVERY_FAILED") && words.contains("json is not a file of"), "{words}");
    assert!(words.contains(path.to_str().unwrap()));
    assert!(setup.asked.try_recv().is_err());
    drop(setup);
    assert_eq!(delivered(dir.path()), [""; 0]);
}

#[test]
fn after_the_last_attempt_it_is_said_and_left_to_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = written(dir.path());
    let setup = start(dir.path(), 2);
    for attempt in [1, 2] {
        let request = setup.asked.recv().unwrap();
        assert_eq!(request.attempt, attempt);
        request.answer.send(Err("no such bucket".to_owned())).unwrap();
    }
    let said = setup.said.recv().unwrap();
    assert!(said.starts_with("ERR_LEAKHUNT_DELIVERY_FAILED") && said.contains("no such bucket"), "{said}");
    drop(setup);
    assert!(delivered(dir.path()).is_empty());
    let next = start(dir.path(), 1);
    assert_eq!(name(&next.asked.recv().unwrap().path), file);
}

#[test]
fn two_processes_do_not_deliver_the_same_file_at_once() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    let first = start(dir.path(), 1);
    let request = first.asked.recv().unwrap();
    let second = start(dir.path(), 1);
    let other = written(dir.path());
    second.delivery.ring();
    assert_eq!(name(&second.asked.recv().unwrap().path), other, "the one that the first has claimed is passed over");
    drop(second);
    drop(request);
    drop(first);
}

#[test]
fn a_stop_waits_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    let setup = start(dir.path(), 3);
    let _unanswered = setup.asked.recv().unwrap();
    drop(setup.delivery);
    assert!(delivered(dir.path()).is_empty());
}

#[test]
fn a_command_gets_both_paths_and_is_told_to_record_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = written(dir.path());
    let out = dir.path().join("out");
    let script = format!(r#"echo "$1|$2|$3|$LEAKHUNT_SNAPSHOT|$LEAKHUNT_SIDECAR|$LEAKHUNT" > {}"#, out.display());
    let config = DeliverConfig {
        command: Some(["sh", "-c", &script, "sh", "own"].map(str::to_owned).into()),
        environment: BTreeMap::from([("PATH".to_owned(), "/bin:/usr/bin".to_owned())]),
        attempts: 1,
        timeout_ms: 60_000,
    };
    let (say, said) = crossbeam_channel::unbounded();
    let say: Say = Arc::new(move |failure: &Failure| drop(say.send(failure.to_string())));
    let delivery = Delivery::start(config, dir.path(), Box::new(|_| panic!("there is no function")), say).unwrap();
    while delivered(dir.path()).is_empty() {
        assert_eq!(said.try_recv().ok(), None);
        std::thread::yield_now();
    }
    drop(delivery);
    let (path, sidecar) = Directory::new(dir.path()).snapshot(&file).unwrap();
    let (path, sidecar) = (path.display(), sidecar.display());
    assert_eq!(std::fs::read_to_string(out).unwrap(), format!("own|{path}|{sidecar}|{path}|{sidecar}|0\n"));
}
