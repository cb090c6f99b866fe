//! Where generated code comes from: the source maps that lie beside the scripts of a heap, on this machine.
//!
//! Scripts and maps are files that anybody may have written. So both are opened only where they are regular files, a map only
//! near its script ([`address`]), of each no more than a bound is read, and nothing in a map is believed but what can be looked up.

mod address;
mod document;
mod mappings;
mod reference;
mod texts;

use crate::hunt::verdict::{Generated, Location};
use crate::hunt::{Aborted, Origins, replace};
use crate::os::open_regular;
use document::{Document, Original};
use mappings::{Position, Wanted};
use reference::{Reference, reference};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// The longest map that is read, and all of them together. Those of the largest bundles have some fifty megabytes.
const LONGEST: u64 = 128 << 20;
const ALL: u64 = 512 << 20;
/// The longest name of a source or a function.
const NAME: usize = 1024;

/// Source maps by script. Each is read once; one that cannot be had is not tried again.
#[derive(Default)]
pub struct Maps {
    read: HashMap<String, Option<Map>>,
    bytes: u64,
}

struct Map {
    /// Sources are named from here.
    folder: PathBuf,
    document: Document,
}

impl Maps {
    /// Puts the originals in place of what is generated.
    pub fn follow(&mut self, places: Vec<&mut Location>, aborted: &Aborted) {
        let generated: Vec<&Location> = places.iter().map(|place| &**place).collect();
        let origins = self.origins(&generated, aborted);
        places.into_iter().for_each(|place| replace(place, &origins));
    }

    /// Where `places` come from, as far as there are maps.
    pub fn origins(&mut self, places: &[&Location], aborted: &Aborted) -> Origins {
        let mut by_script: BTreeMap<&str, Vec<&Location>> = BTreeMap::new();
        for &place in places.iter().filter(|place| place.generated.is_none()) {
            by_script.entry(&place.script).or_default().push(place);
        }
        let mut found = Origins::new();
        for (script, mut places) in by_script {
            if aborted.is_set() {
                break;
            }
            places.sort_by_key(|place| (place.line, place.column));
            let Some(map) = self.of(script, aborted) else { continue };
            let wanted: Vec<Wanted> = places.iter().map(|place| wanted(place)).collect();
            let origins = map.document.origins(&wanted);
            for (place, origin) in places.into_iter().zip(origins) {
                if let Some(origin) = origin.and_then(|origin| map.location(place, &origin)) {
                    found.insert(place.clone(), origin);
                }
            }
        }
        found
    }

    fn of(&mut self, script: &str, aborted: &Aborted) -> Option<&Map> {
        if !self.read.contains_key(script) {
            // Whatever is wrong with a file: then there is no map.
            let map = self.open(script, aborted).ok().flatten();
            if aborted.is_set() {
                return None;
            }
            self.read.insert(script.to_owned(), map);
        }
        self.read.get(script)?.as_ref()
    }

    fn open(&mut self, script: &str, aborted: &Aborted) -> io::Result<Option<Map>> {
        let Some(script) = address::script_file(script) else { return Ok(None) };
        let (mut file, length) = open_regular(&script)?;
        if length == 0 {
            // Such as those in /proc, that are regular files by name alone: reading one may have effects.
            return Ok(None);
        }
        let (file, text): (PathBuf, Box<dyn Read>) = match reference(&mut file, length)? {
            None => return Ok(None),
            Some(Reference::Inline(text)) => {
                if !self.may_read(text.len() as u64) {
                    return Ok(None);
                }
                (script, Box::new(Cursor::new(text)))
            }
            Some(Reference::Url(url)) => {
                let Some(path) = address::map_file(&script, &url) else { return Ok(None) };
                let (map, length) = open_regular(&path)?;
                if !self.may_read(length) {
                    return Ok(None);
                }
                (path, Box::new(map.take(length)))
            }
        };
        let document = Document::read(Abortable { text, aborted });
        let folder = file.parent().unwrap_or(Path::new("/")).to_path_buf();
        Ok(document.map(|document| Map { folder, document }))
    }

    /// Takes `length` from what may be read, if there is as much.
    fn may_read(&mut self, length: u64) -> bool {
        let fits = length <= LONGEST && self.bytes + length <= ALL;
        self.bytes += if fits { length } else { 0 };
        fits
    }
}

impl Map {
    fn location(&self, place: &Location, origin: &Original<'_>) -> Option<Location> {
        if origin.source.len() > NAME || origin.root.len() > NAME {
            return None;
        }
        let name = origin.name.filter(|name| name.len() <= NAME);
        Some(Location {
            function: name.unwrap_or(&place.function).to_owned(),
            script: address::source_name(&self.folder, origin.root, origin.source),
            line: origin.at.line.saturating_add(1),
            column: origin.at.column.saturating_add(1),
            generated: Some(Generated { script: place.script.clone(), line: place.line, column: place.column }),
        })
    }
}

fn wanted(place: &Location) -> Wanted {
    // A function without a name is shown by a word in brackets.
    let name = if place.function.starts_with('(') { 0 } else { place.function.encode_utf16().count() as u32 };
    let at = Position { line: place.line.saturating_sub(1), column: place.column.saturating_sub(1) };
    Wanted { at, name }
}

/// Reading a map may take a second.
struct Abortable<'a> {
    text: Box<dyn Read>,
    aborted: &'a Aborted,
}

impl Read for Abortable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.aborted.is_set() { Err(io::Error::other("aborted")) } else { self.text.read(buffer) }
    }
}

#[cfg(test)]
mod sources_tests;
