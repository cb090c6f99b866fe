//! Real files: what is appended is read again, and a long journal becomes short without forgetting what counts.

use super::*;

fn begin(id: &str) -> Entry {
    Entry::Begin(Begin { id: id.to_owned(), at: Moment::now(), automatic: true, ..Begin::default() })
}

fn written(id: &str) -> Entry {
    Entry::End(End { file: Some(format!("file {id}")), bytes: Some(1), ..End::new(id, End::WRITTEN) })
}

#[test]
fn lines_are_found_again_by_the_next_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leakhunt.journal");
    assert!(Journal::open_existing(&path).unwrap().is_none());
    let journal = Journal::open(&path).unwrap();
    journal.append(begin("1")).unwrap();
    journal.append(written("1")).unwrap();
    journal.sync().unwrap();
    let mut again = Journal::open_existing(&path).unwrap().unwrap();
    assert_eq!(again.read().unwrap().written().count(), 1);
    assert_eq!(journal.read_all_lines(), 2);
}

impl Journal {
    fn read_all_lines(&self) -> usize {
        std::fs::read_to_string(&self.path).unwrap().lines().filter(|line| !line.is_empty()).count()
    }
}

#[test]
fn a_line_that_was_cut_off_spoils_itself_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leakhunt.journal");
    std::fs::write(&path, "{\"v\":1,\"kind\":\"beg").unwrap();
    let mut journal = Journal::open(&path).unwrap();
    journal.append(begin("1")).unwrap();
    assert_eq!(journal.read().unwrap().open().count(), 1);
}

#[test]
fn a_long_journal_becomes_short_and_keeps_what_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leakhunt.journal");
    let mut entries = vec![begin("open"), begin("kept"), written("kept"), begin("gone"), written("gone")];
    for i in 0..4000 {
        let id = format!("{i}");
        entries.extend([begin(&id), Entry::End(End::new(&id, "ERR_LEAKHUNT_NOT_QUIET"))]);
    }
    entries.extend([begin("dead"), Entry::End(End::new("dead", End::DIED))]);
    entries.push(Entry::Fault(Fault { version: "1".into(), ..Fault::default() }));
    for file in ["file kept", "file gone"] {
        entries.push(Entry::Delivered(Delivered { file: file.to_owned(), ..Delivered::default() }));
    }
    std::fs::write(&path, entries.into_iter().map(Entry::line).collect::<String>()).unwrap();
    let before = path.metadata().unwrap().len();
    assert!(before > COMPACT_ABOVE);

    let mut journal = Journal::open(&path).unwrap();
    let history = journal.read().unwrap();
    journal.compact(&history, |file| file == "file kept").unwrap();
    assert!(path.metadata().unwrap().len() < COMPACT_ABOVE, "{}", path.metadata().unwrap().len());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let after = journal.read().unwrap();
    assert_eq!(after.open().map(|open| open.begin.id.as_str()).collect::<Vec<_>>(), ["open"]);
    assert_eq!(after.written().map(|(begin, _)| begin.id.as_str()).collect::<Vec<_>>(), ["kept"]);
    assert_eq!(after.deaths().len(), 1);
    assert_eq!(after.faults.len(), 1);
    assert!(after.is_delivered("file kept") && !after.is_delivered("file gone"));
    assert!((KEPT_ATTEMPTS..KEPT_ATTEMPTS + 5).contains(&after.attempts.len()));

    journal.append(begin("next")).unwrap();
    assert_eq!(Journal::open(&path).unwrap().read().unwrap().open().count(), 2, "it goes on in the new file");
}

#[test]
fn of_a_huge_one_the_end_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leakhunt.journal");
    let journal = Journal::open(&path).unwrap();
    journal.append(begin("early")).unwrap();
    // A hole: many megabytes of zeros that take no disk.
    journal.file.set_len(READ_AT_MOST * 4).unwrap();
    journal.append(begin("late")).unwrap();
    let history = Journal::open(&path).unwrap().read().unwrap();
    assert_eq!(history.open().map(|open| open.begin.id.as_str()).collect::<Vec<_>>(), ["late"]);
}
