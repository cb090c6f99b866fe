//! The push parser: bytes of a `.heapsnapshot` in, rows out.
//!
//! Push and not pull, because its two users sit at different ends: a file is read and fed, and in a capture V8 itself
//! hands over chunks of any size. The top level (keys, colons, commas) is a small state machine in this file; each kind
//! of section has its own scanner. No size that a file promises is believed: memory grows with what really comes.

use super::error::SnapshotError;
use super::rows::{RowScanner, Stop};
use super::schema::{Meta, SchemaError, has_foreign_text};
use super::sink::SnapshotSink;
use super::skip::{Skipper, end_of_integers};
use super::text::{StringScanner, TextStop};
use super::totals::{MAX_ROWS, Totals};

/// Feeds a [`SnapshotSink`] with the rows of a snapshot that arrives in pieces.
///
/// After an error the parser is of no further use.
#[derive(Debug)]
pub struct SnapshotParser<S> {
    sink: S,
    state: State,
    /// Bytes of all chunks before the current one.
    offset: u64,
    /// The key being read, or the text of the `snapshot` section.
    held: Vec<u8>,
    meta: Option<Meta>,
    totals: Totals,
}

#[derive(Debug)]
enum State {
    /// Before the opening brace.
    Start,
    Key {
        or_end: bool,
    },
    InKey,
    Colon(Section),
    Value(Section),
    Header(Skipper),
    // Boxed, since its row is far larger than all the rest.
    Rows(Section, Box<RowScanner>),
    Jump(Section),
    Strings(StringScanner),
    Skip(Skipper),
    AfterValue,
    End,
}

/// What a key of the top level introduces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Snapshot,
    Nodes,
    Edges,
    Locations,
    Strings,
    Other,
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Section::Snapshot => "snapshot",
            Section::Nodes => "nodes",
            Section::Edges => "edges",
            Section::Locations => "locations",
            Section::Strings => "strings",
            Section::Other => "other",
        }
    }

    fn of_key(key: &[u8]) -> Section {
        match key {
            b"snapshot" => Section::Snapshot,
            b"nodes" => Section::Nodes,
            b"edges" => Section::Edges,
            b"locations" => Section::Locations,
            b"strings" => Section::Strings,
            _ => Section::Other,
        }
    }
}

/// See [`SnapshotParser::amid_rows`].
pub(super) struct AmidRows<'m> {
    pub rows: RowKind,
    /// Numbers in a row.
    pub fields: usize,
    pub meta: &'m Meta,
    pub commas_to_next_row: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Nodes,
    Edges,
}

/// The `snapshot` section is a kilobyte or two.
const MAX_HEADER: usize = 1 << 20;
const MAX_KEY: usize = 64;

impl<S: SnapshotSink> SnapshotParser<S> {
    pub fn new(sink: S) -> SnapshotParser<S> {
        SnapshotParser { sink, state: State::Start, offset: 0, held: Vec::new(), meta: None, totals: Totals::default() }
    }

    /// Takes the next piece, of any length.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut at = 0;
        while at < bytes.len() {
            at += self.advance(&bytes[at..], self.offset + at as u64)?;
        }
        self.offset += bytes.len() as u64;
        Ok(())
    }

    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Where in the file the text begins of which only a part has come: a string, or the `snapshot` section.
    pub fn open_text(&self) -> Option<u64> {
        match &self.state {
            State::Strings(scanner) => scanner.open(),
            State::Header(_) => Some(self.offset - self.held.len() as u64),
            _ => None,
        }
    }

    /// To be called after the last piece: checks what only the whole can show, and gives the sink back.
    pub fn finish(self) -> Result<S, SnapshotError> {
        let section = match &self.state {
            State::End => None,
            State::Start => return Err(SnapshotError::Empty),
            State::Header(_) => Some(Section::Snapshot),
            State::Rows(section, _) | State::Jump(section) | State::Value(section) | State::Colon(section) => {
                Some(*section)
            }
            State::Strings(_) => Some(Section::Strings),
            State::Skip(_) => Some(Section::Other),
            State::Key { .. } | State::InKey | State::AfterValue => {
                return Err(SnapshotError::Truncated { section: "top level", offset: self.offset });
            }
        };
        if let Some(section) = section {
            return Err(SnapshotError::Truncated { section: section.name(), offset: self.offset });
        }
        self.check_totals()?;
        Ok(self.sink)
    }

    /// Handles the start of `bytes`, which is not empty, and says how much of it that was.
    fn advance(&mut self, bytes: &[u8], offset: u64) -> Result<usize, SnapshotError> {
        match &mut self.state {
            State::Header(skipper) => {
                let end = skipper.feed(bytes);
                let part = &bytes[..end.unwrap_or(bytes.len())];
                if self.held.len() + part.len() > MAX_HEADER {
                    return Err(malformed(Section::Snapshot, offset, "it is longer than a megabyte"));
                }
                self.held.extend_from_slice(part);
                if end.is_some() {
                    if S::STRICT_TEXT && has_foreign_text(&self.held) {
                        return Err(malformed(Section::Snapshot, offset, "it has text that is not V8's"));
                    }
                    self.read_header(offset + part.len() as u64)?;
                    self.state = State::AfterValue;
                }
                Ok(part.len())
            }
            State::Rows(..) => self.rows(bytes, offset),
            State::Jump(_) => {
                let end = end_of_integers(bytes);
                if end.is_some() {
                    self.state = State::AfterValue;
                }
                Ok(end.unwrap_or(bytes.len()))
            }
            State::Strings(scanner) => {
                let sink = &mut self.sink;
                let emit = |number, text: &str, place| sink.string_at(number, text, place);
                let end = scanner.feed(bytes, offset, emit).map_err(|stop| match stop {
                    TextStop::Text { at, reason } => malformed(Section::Strings, offset + at as u64, reason),
                    TextStop::TooLarge { at } => too_large(Section::Strings, offset + at as u64, "bytes of text"),
                })?;
                if end.is_some() {
                    self.totals.strings = Some(scanner.count().into());
                    self.state = State::AfterValue;
                }
                Ok(end.unwrap_or(bytes.len()))
            }
            State::Skip(skipper) => {
                let end = skipper.feed(bytes);
                if S::STRICT_TEXT && skipper.has_text() {
                    return Err(malformed(Section::Other, offset, "a section that is not known has text in it"));
                }
                if end.is_some() {
                    self.state = State::AfterValue;
                }
                Ok(end.unwrap_or(bytes.len()))
            }
            State::InKey => {
                match bytes[0] {
                    b'"' => self.state = State::Colon(Section::of_key(&self.held)),
                    // An escape or a long key: none that this reader knows.
                    byte if byte == b'\\' || self.held.len() >= MAX_KEY => {
                        return Err(SnapshotError::NotASnapshot { offset, reason: "an unlikely key" });
                    }
                    byte => self.held.push(byte),
                }
                Ok(1)
            }
            _ => self.punctuation(bytes[0], offset),
        }
    }

    /// What stands between the sections.
    fn punctuation(&mut self, byte: u8, offset: u64) -> Result<usize, SnapshotError> {
        let not_json = |reason| Err(SnapshotError::NotJson { offset, reason });
        self.state = match (&self.state, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => return Ok(1),
            (State::Start, b'{') => State::Key { or_end: true },
            (State::Start, b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => {
                return Err(SnapshotError::NotASnapshot { offset, reason: "it does not begin with `{`" });
            }
            (State::Start, _) => return not_json("expected `{`"),
            (State::Key { .. }, b'"') => {
                self.held.clear();
                State::InKey
            }
            (State::Key { or_end: true }, b'}') => State::End,
            (State::Key { .. }, _) => return not_json("expected a key"),
            (State::Colon(section), b':') => State::Value(*section),
            (State::Colon(_), _) => return not_json("expected `:`"),
            (State::Value(section), _) => return self.start_value(*section, byte, offset),
            (State::AfterValue, b',') => State::Key { or_end: false },
            (State::AfterValue, b'}') => State::End,
            (State::AfterValue, _) => return not_json("expected `,` or `}`"),
            (State::End, _) => return not_json("more text after the end"),
            _ => unreachable!("the other states have their own readers"),
        };
        Ok(1)
    }

    fn start_value(&mut self, section: Section, byte: u8, offset: u64) -> Result<usize, SnapshotError> {
        if section == Section::Other {
            if !matches!(byte, b'[' | b'{' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') {
                return Err(SnapshotError::NotJson { offset, reason: "expected a value" });
            }
            self.state = State::Skip(Skipper::default());
            return Ok(0);
        }
        let opening = if section == Section::Snapshot { b'{' } else { b'[' };
        if byte != opening {
            let reason = "a section is not of the expected kind";
            return Err(SnapshotError::NotASnapshot { offset, reason });
        }
        if section == Section::Snapshot {
            if self.meta.is_some() {
                return Err(malformed(section, offset, "there are two"));
            }
            self.held.clear();
            self.state = State::Header(Skipper::default());
            return Ok(0);
        }
        let Some(meta) = &self.meta else {
            return Err(SnapshotError::NotASnapshot { offset, reason: "no `snapshot` section comes first" });
        };
        let (seen, fields, wanted) = match section {
            Section::Nodes => (self.totals.nodes, meta.nodes.fields, true),
            Section::Edges => (self.totals.edges, meta.edges.fields, S::EDGES),
            Section::Locations => {
                let layout = meta.locations.as_ref();
                (self.totals.locations, layout.map_or(0, |layout| layout.fields), S::LOCATIONS && layout.is_some())
            }
            _ => (self.totals.strings, 0, true),
        };
        if seen.is_some() {
            return Err(malformed(section, offset, "there are two"));
        }
        let rows_are_in = self.totals.nodes.is_some() && self.totals.edges.is_some();
        if S::STRICT_TEXT && section == Section::Strings && !rows_are_in {
            return Err(malformed(section, offset, "they come before `nodes` or `edges`"));
        }
        self.state = match section {
            Section::Strings => State::Strings(StringScanner::new()),
            _ if wanted => State::Rows(section, Box::new(RowScanner::new(fields))),
            _ if S::STRICT_TEXT => {
                self.state = State::Skip(Skipper::default());
                return Ok(0);
            }
            _ => State::Jump(section),
        };
        Ok(1)
    }

    fn read_header(&mut self, end: u64) -> Result<(), SnapshotError> {
        let meta = Meta::from_json(&self.held).map_err(|error| match error {
            SchemaError::NotASnapshot(reason) => SnapshotError::NotASnapshot { offset: end, reason },
            SchemaError::Malformed(reason) => {
                SnapshotError::Malformed { section: Section::Snapshot.name(), offset: end, reason }
            }
        })?;
        self.held = Vec::new();
        self.sink.meta(&meta);
        self.meta = Some(meta);
        Ok(())
    }

    fn rows(&mut self, bytes: &[u8], offset: u64) -> Result<usize, SnapshotError> {
        let (State::Rows(section, scanner), Some(meta)) = (&mut self.state, &self.meta) else {
            unreachable!("rows are only read in their state, after the header")
        };
        let (section, totals, sink) = (*section, &mut self.totals, &mut self.sink);
        let fed = match section {
            Section::Nodes => scanner.feed(bytes, |row| {
                sink.node(totals.node(meta, row)?);
                Ok(())
            }),
            Section::Edges => scanner.feed(bytes, |row| {
                sink.edge(totals.edge(meta, row)?);
                Ok(())
            }),
            _ => scanner.feed(bytes, |row| {
                let (node, location) = totals.location(meta, row)?;
                sink.location(node, location);
                Ok(())
            }),
        };
        let rows = scanner.rows();
        let end = fed.map_err(|stop: Stop<&'static str>| match stop {
            Stop::Text { at, reason } => malformed(section, offset + at as u64, reason),
            Stop::Row { at, error } => malformed(section, offset + at as u64, error),
        })?;
        if rows > MAX_ROWS {
            return Err(too_large(section, offset, "rows"));
        }
        if end.is_some() {
            let total = match section {
                Section::Nodes => &mut self.totals.nodes,
                Section::Edges => &mut self.totals.edges,
                _ => &mut self.totals.locations,
            };
            *total = Some(rows);
            self.state = State::AfterValue;
        }
        Ok(end.unwrap_or(bytes.len()))
    }

    /// Where in the middle of an array of nodes or edges the parser stands, if it does: such an array can be read in pieces.
    pub(super) fn amid_rows(&self) -> Option<AmidRows<'_>> {
        let (State::Rows(section, scanner), Some(meta)) = (&self.state, &self.meta) else { return None };
        let (rows, fields) = match section {
            Section::Nodes => (RowKind::Nodes, meta.nodes.fields),
            Section::Edges => (RowKind::Edges, meta.edges.fields),
            _ => return None,
        };
        Some(AmidRows { rows, fields, meta, commas_to_next_row: scanner.commas_to_next_row()? })
    }

    /// Takes note of rows that were read elsewhere, which the sink has already: all of `bytes` from here on, from row to row.
    /// `None`, and nothing has happened, where they are too many.
    pub(super) fn pass_over(&mut self, bytes: u64, rows: u64, referred: &Totals) -> Option<()> {
        let State::Rows(_, scanner) = &mut self.state else { return None };
        if scanner.rows() + rows > MAX_ROWS {
            return None;
        }
        self.totals.add(referred)?;
        scanner.pass_over(rows);
        self.offset += bytes;
        Some(())
    }

    fn check_totals(&self) -> Result<(), SnapshotError> {
        let offset = self.offset;
        let Some(meta) = &self.meta else {
            return Err(SnapshotError::NotASnapshot { offset, reason: "it has no `snapshot` section" });
        };
        let totals = &self.totals;
        let missing = |section: Section| malformed(section, offset, "the section is missing");
        let nodes = totals.nodes.ok_or_else(|| missing(Section::Nodes))?;
        let strings = totals.strings.ok_or_else(|| missing(Section::Strings))?;
        let disagree = |section, rows: u64, what: &str, promised: u64| {
            malformed(section, offset, format!("{rows} rows where {what} {promised}"))
        };
        if nodes == 0 {
            return Err(malformed(Section::Nodes, offset, "there are none"));
        }
        if let Some(promised) = meta.node_count.filter(|promised| *promised != nodes) {
            return Err(disagree(Section::Nodes, nodes, "`node_count` says", promised));
        }
        if totals.names_needed > strings {
            return Err(malformed(Section::Nodes, offset, "a name is not in `strings`"));
        }
        if S::EDGES {
            let edges = totals.edges.ok_or_else(|| missing(Section::Edges))?;
            if let Some(promised) = meta.edge_count.filter(|promised| *promised != edges) {
                return Err(disagree(Section::Edges, edges, "`edge_count` says", promised));
            }
            if totals.edges_owned != edges {
                return Err(disagree(Section::Edges, edges, "the nodes' own counts add up to", totals.edges_owned));
            }
            if totals.targets_needed > nodes {
                return Err(malformed(Section::Edges, offset, "a target is not in `nodes`"));
            }
            if totals.edge_names_needed > strings {
                return Err(malformed(Section::Edges, offset, "a name is not in `strings`"));
            }
        }
        if totals.located_needed > nodes {
            return Err(malformed(Section::Locations, offset, "an object is not in `nodes`"));
        }
        Ok(())
    }
}

fn malformed(section: Section, offset: u64, reason: impl Into<String>) -> SnapshotError {
    SnapshotError::Malformed { section: section.name(), offset, reason: reason.into() }
}

fn too_large(section: Section, offset: u64, what: &'static str) -> SnapshotError {
    SnapshotError::TooLarge { section: section.name(), offset, limit: MAX_ROWS, what }
}
