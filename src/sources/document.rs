//! A source map's JSON (<https://tc39.es/ecma426/>), as much of it as is needed: no text of a source is kept, and no list costs
//! much more memory than it takes to write it.

use super::mappings::{Position, Wanted, origins};
use super::texts::Texts;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::io::{BufReader, Read};

/// A bundle that was put together from bundles has a few.
const SECTIONS: usize = 10_000;

/// The parts of a map, each with where it begins in the generated code. Nearly all have one.
pub struct Document {
    parts: Vec<(Position, Map)>,
}

/// A part has no parts itself.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Map {
    mappings: String,
    source_root: Option<String>,
    sources: Texts,
    names: Texts,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Whole {
    mappings: String,
    source_root: Option<String>,
    sources: Texts,
    names: Texts,
    sections: Option<Sections>,
}

/// Where a place comes from, as the map has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Original<'a> {
    pub root: &'a str,
    pub source: &'a str,
    pub at: Position,
    /// What the function was called.
    pub name: Option<&'a str>,
}

impl Document {
    /// `None` for what is no source map.
    pub fn read(text: impl Read) -> Option<Document> {
        let whole: Whole = serde_json::from_reader(BufReader::new(text)).ok()?;
        let Whole { mappings, source_root, sources, names, sections } = whole;
        let mut parts = match sections {
            Some(Sections(parts)) => parts,
            None => vec![(Position { line: 0, column: 0 }, Map { mappings, source_root, sources, names })],
        };
        parts.sort_by_key(|(start, _)| *start);
        Some(Document { parts })
    }

    /// One answer for each of `wanted`, which are in order.
    pub fn origins(&self, wanted: &[Wanted]) -> Vec<Option<Original<'_>>> {
        let mut answers: Vec<Option<Original<'_>>> = Vec::with_capacity(wanted.len());
        for (number, (start, map)) in self.parts.iter().enumerate() {
            // A place belongs to the last part that begins before it.
            let begin = wanted.partition_point(|w| w.at < *start);
            let end =
                self.parts.get(number + 1).map_or(wanted.len(), |(next, _)| wanted.partition_point(|w| w.at < *next));
            answers.resize_with(answers.len().max(begin), || None);
            let mine: Vec<Wanted> = wanted[begin..end].iter().map(|wanted| wanted.from(*start)).collect();
            if !mine.is_empty() {
                let found = origins(&map.mappings, &mine);
                answers.extend(found.into_iter().map(|origin| {
                    let origin = origin?;
                    Some(Original {
                        root: map.source_root.as_deref().unwrap_or_default(),
                        source: map.sources.get(origin.source)?,
                        at: origin.at,
                        name: origin.name.and_then(|name| map.names.get(name)),
                    })
                }));
            }
        }
        answers.resize_with(wanted.len(), || None);
        answers
    }
}

struct Sections(Vec<(Position, Map)>);

#[derive(Deserialize)]
struct Section {
    offset: Offset,
    map: Map,
}

#[derive(Deserialize)]
struct Offset {
    line: u32,
    column: u32,
}

impl<'de> Deserialize<'de> for Sections {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Sections;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of sections")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sections, A::Error> {
                let mut parts = Vec::new();
                while let Some(Section { offset: Offset { line, column }, map }) = list.next_element()? {
                    if parts.len() == SECTIONS {
                        return Err(A::Error::custom("more sections than a source map has"));
                    }
                    parts.push((Position { line, column }, map));
                }
                Ok(Sections(parts))
            }
        }
        json.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    fn asked(map: &str, places: &[(u32, u32)]) -> Option<Vec<Option<(String, Position)>>> {
        let wanted: Vec<Wanted> =
            places.iter().map(|&(line, column)| Wanted { at: at(line, column), name: 0 }).collect();
        let document = Document::read(map.as_bytes())?;
        let answers = document.origins(&wanted).into_iter();
        Some(answers.map(|answer| answer.map(|found| (format!("{}+{}", found.root, found.source), found.at))).collect())
    }

    #[test]
    fn a_map_tells_source_and_place() {
        let map = r#"{"version":3,"sourceRoot":"r","sources":["a.ts",null,"c.ts"],"names":["f"],"mappings":"AAEC;ACAA;ACAA;A",
            "sourcesContent":["\ud800"],"x_google_ignoreList":[{"deep":[[[1e999]]]}]}"#;
        let found = |source: &str, line, column| Some((format!("r+{source}"), at(line, column)));
        assert_eq!(
            asked(map, &[(0, 5), (1, 0), (2, 0), (3, 0), (9, 9)]).unwrap(),
            [found("a.ts", 2, 1), None, found("c.ts", 2, 1), None, None]
        );
    }

    #[test]
    fn each_part_counts_from_where_it_begins() {
        let part = |line, column, source| {
            format!(
                r#"{{"offset":{{"line":{line},"column":{column}}},"map":{{"sources":["{source}"],"mappings":"AAAA;AACA"}}}}"#
            )
        };
        // Out of order, as it should not be.
        let map = format!(r#"{{"sections":[{},{}]}}"#, part(3, 0, "late"), part(1, 10, "early"));
        let found = |source: &str, line| Some((format!("+{source}"), at(line, 0)));
        assert_eq!(
            asked(&map, &[(1, 9), (1, 10), (2, 7), (3, 1), (4, 0)]).unwrap(),
            [None, found("early", 0), found("early", 1), found("late", 0), found("late", 1)]
        );
    }

    #[test]
    fn what_is_no_source_map_is_none() {
        let deep = "[".repeat(1 << 20);
        let nested =
            format!(r#"{{"sections":{}"#, r#"[{"offset":{"line":0,"column":0},"map":{"sections":"#.repeat(1000));
        let many = format!(
            r#"{{"sections":[{}]}}"#,
            vec![r#"{"offset":{"line":0,"column":0},"map":{}}"#; SECTIONS + 1].join(",")
        );
        for text in ["", "{", "7", r#"{"mappings":7}"#, r#"{"sources":[7]}"#, "\u{feff}{}", &deep, &nested, &many] {
            assert_eq!(asked(text, &[(0, 0)]), None, "{}", &text[..text.len().min(80)]);
        }
        assert_eq!(asked("{}", &[(0, 0)]).unwrap(), [None]);
        assert!(Document::read(&b"{\"mappings\":\"\xff\"}"[..]).is_none());
    }
}
