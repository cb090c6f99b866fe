//! What the journal's lines tell together. Pure.

use super::entry::{Begin, Delivered, End, Entry, Fault, Judged, Left, NearLimit};
use crate::capture::calibration::Work;
use crate::capture::job::Engine;
use memchr::memchr_iter;
use rustc_hash::{FxHashMap, FxHashSet};

/// One attempt with what became of it.
#[derive(Clone, Debug)]
pub struct Attempted {
    pub begin: Begin,
    /// The app had said that it ends, and left the child alone.
    pub left: Option<Left>,
    pub end: Option<End>,
}

/// Attempts in the order in which they began.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub attempts: Vec<Attempted>,
    pub faults: Vec<Fault>,
    pub delivered: Vec<Delivered>,
    pub near_limits: Vec<NearLimit>,
    pub judged: Vec<Judged>,
    by_id: FxHashMap<String, usize>,
    delivered_files: FxHashSet<String>,
}

impl History {
    /// Whatever is not understood is skipped: a line that was cut off, binary junk, the kinds of later versions.
    pub fn read(text: &[u8]) -> Self {
        let mut history = Self::default();
        let mut start = 0;
        for end in memchr_iter(b'\n', text).chain([text.len()]) {
            if let Some(entry) = Entry::parse(&text[start..end]) {
                history.add(entry);
            }
            start = end + 1;
        }
        history
    }

    pub fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Begin(begin) => {
                // The same id twice is no line of ours.
                if !self.by_id.contains_key(&begin.id) {
                    self.by_id.insert(begin.id.clone(), self.attempts.len());
                    self.attempts.push(Attempted { begin, left: None, end: None });
                }
            }
            Entry::Left(left) => {
                if let Some(attempt) = self.attempt(&left.id) {
                    attempt.left = Some(left);
                }
            }
            Entry::End(end) => {
                // Child and parent may both have written one: a written file is the truth, else the first word is.
                if let Some(attempt) = self.attempt(&end.id)
                    && (attempt.end.is_none() || end.is_written())
                {
                    attempt.end = Some(end);
                }
            }
            Entry::Fault(fault) => self.faults.push(fault),
            Entry::Delivered(delivered) => {
                if self.delivered_files.insert(delivered.file.clone()) {
                    self.delivered.push(delivered);
                }
            }
            Entry::NearLimit(moment) => self.near_limits.push(moment),
            Entry::Judged(judged) => self.judged.push(judged),
            // Whether a file is there is asked of the directory; the line is for people.
            Entry::Removed(_) => {}
        }
    }

    fn attempt(&mut self, id: &str) -> Option<&mut Attempted> {
        self.by_id.get(id).map(|index| &mut self.attempts[*index])
    }

    pub fn open(&self) -> impl Iterator<Item = &Attempted> {
        self.attempts.iter().filter(|attempt| attempt.end.is_none())
    }

    /// Attempts that ended with a whole file, oldest first.
    pub fn written(&self) -> impl DoubleEndedIterator<Item = (&Begin, &End)> {
        self.attempts
            .iter()
            .filter_map(|attempt| Some((&attempt.begin, attempt.end.as_ref()?)))
            .filter(|(_, end)| end.is_written())
    }

    /// The last `count` attempts at some work that succeeded, the newest first: what a prediction of the next one can go by.
    pub fn last_of(&self, work: Work, count: usize) -> impl Iterator<Item = &End> {
        let is_such = move |end: &&End| match work {
            Work::Census => end.outcome == End::COUNTED,
            Work::Pages => end.is_written() && end.engine.as_deref() == Some(Engine::Pages.name()),
            Work::V8 => end.is_written() && end.engine.as_deref() == Some(Engine::V8.name()),
        };
        self.attempts.iter().rev().filter_map(|attempt| attempt.end.as_ref()).filter(is_such).take(count)
    }

    /// The attempts that killed the app, since the last one that succeeded.
    pub fn deaths(&self) -> Vec<&End> {
        let ends: Vec<&End> = self.attempts.iter().filter_map(|attempt| attempt.end.as_ref()).collect();
        let since = ends.iter().rposition(|end| end.is_written()).map_or(0, |index| index + 1);
        ends[since..].iter().copied().filter(|end| end.is_death()).collect()
    }

    pub fn is_delivered(&self, file: &str) -> bool {
        self.delivered_files.contains(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::journal::Moment;

    pub fn begin(id: &str) -> Entry {
        Entry::Begin(Begin { id: id.to_owned(), at: Moment::now(), automatic: true, ..Begin::default() })
    }

    fn end(id: &str, outcome: &str) -> Entry {
        Entry::End(End::new(id, outcome))
    }

    fn read(entries: &[Entry]) -> History {
        History::read(entries.iter().cloned().map(Entry::line).collect::<String>().as_bytes())
    }

    #[test]
    fn an_attempt_is_open_until_its_end() {
        let history = read(&[begin("1"), end("1", End::WRITTEN), begin("2"), end("other", End::WRITTEN)]);
        assert_eq!(history.open().map(|open| open.begin.id.as_str()).collect::<Vec<_>>(), ["2"]);
        assert_eq!(history.written().count(), 1);
    }

    #[test]
    fn deaths_count_from_the_last_success() {
        let died = [begin("1"), end("1", End::DIED), begin("2"), end("2", "ERR_LEAKHUNT_NOT_QUIET")];
        assert_eq!(read(&died).deaths().len(), 1, "another failure is neither a death nor a success");
        let mut later = died.to_vec();
        later.extend([begin("3"), end("3", End::WRITTEN)]);
        assert_eq!(read(&later).deaths().len(), 0);
        later.extend([begin("4"), end("4", End::DIED), begin("5"), end("5", End::LEFT)]);
        assert_eq!(read(&later).deaths().len(), 1);
    }

    #[test]
    fn a_written_file_is_the_truth_whoever_else_has_closed_the_attempt() {
        let history = read(&[begin("1"), end("1", End::WRITTEN), end("1", End::DIED)]);
        assert!(history.deaths().is_empty());
        assert_eq!(read(&[begin("1"), end("1", End::DIED), end("1", End::WRITTEN)]).written().count(), 1);
    }

    #[test]
    fn the_last_of_each_sort_come_newest_first() {
        let written = |id: &str, engine: Engine| {
            let Entry::End(end) = end(id, End::WRITTEN) else { unreachable!() };
            [begin(id), Entry::End(End { engine: Some(engine.name().to_owned()), ..end })]
        };
        let mut entries: Vec<Entry> = ["1", "2", "3"].iter().flat_map(|id| written(id, Engine::V8)).collect();
        entries.extend(written("4", Engine::Pages));
        entries.extend([begin("5"), end("5", End::COUNTED), begin("6"), end("6", "ERR_LEAKHUNT_NOT_QUIET")]);
        let history = read(&entries);
        let last = |work| history.last_of(work, 2).map(|end| end.id.as_str()).collect::<Vec<_>>();
        assert_eq!([last(Work::V8), last(Work::Pages), last(Work::Census)], [vec!["3", "2"], vec!["4"], vec!["5"]]);
    }

    #[test]
    fn junk_between_the_lines_is_skipped() {
        let mut text = b"\x00\xff\n\n{\"v\":1,\"kind\":\"begin\",\"id\":\"half".to_vec();
        text.extend(b"\n");
        text.extend(vec![b'x'; 1 << 20]);
        text.extend(b"\n");
        text.extend(begin("1").line().as_bytes());
        text.extend(b"{\"v\":1,\"kind\":\"end\",\"id\":\"1\"");
        let history = History::read(&text);
        assert_eq!(history.attempts.len(), 1);
        assert_eq!(history.open().count(), 1, "a line that was cut off closes nothing");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_a_danger(text: Vec<u8>) {
            let history = History::read(&text);
            assert!(history.attempts.len() <= text.len());
        }
    }
}
