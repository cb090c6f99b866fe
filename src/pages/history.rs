//! A file of censuses: each is appended as it is taken, and whatever was written before the process died can be read.
//!
//! [`MAGIC`] and [`VERSION`] (a little-endian `u32`), then for each census the length of a zstd frame (another one) and the frame, with its own checksum,
//! of the census as JSON. `docs/census-file.md` is the reference.

use super::census::Census;
use crate::heap::is_bomb;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

pub const MAGIC: [u8; 8] = *b"LHCENSUS";
pub const VERSION: u32 = 1;

/// A census of the most classes that can be asked for takes a fraction of it. Bytes of one frame, and of what is in it.
const LARGEST_FRAME: u32 = 64 << 20;
const LARGEST_TEXT: u64 = 256 << 20;
/// The base-two logarithm of what a reader has to remember of a frame, in bytes: level 3 never needs more.
const WINDOW_LOG: u32 = 22;
const LEVEL: i32 = 3;

/// One census, and when and where it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Milliseconds since 1970.
    pub timestamp_ms: u64,
    pub pid: u32,
    /// Node's `threadId`: 0 is the main thread.
    pub thread_id: u32,
    /// What V8 said was in use.
    pub heap_used_bytes: u64,
    #[serde(flatten)]
    pub census: Census,
}

/// Why a file cannot be read as one of censuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    #[error("it is no file of censuses: expected it to begin with {:?}", "LHCENSUS")]
    Foreign,
    #[error("it is of version {found}, and this leakhunt reads version {VERSION}")]
    Version { found: u32 },
    #[error("census {number} at byte {offset} {reason}")]
    Damaged { number: u64, offset: u64, reason: String },
    #[error("{0}")]
    Unreadable(#[from] io::Error),
}

impl HistoryError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            HistoryError::Foreign => "ERR_LEAKHUNT_NOT_A_CENSUS",
            HistoryError::Version { .. } => "ERR_LEAKHUNT_CENSUS_VERSION",
            HistoryError::Damaged { .. } => "ERR_LEAKHUNT_CENSUS_DAMAGED",
            HistoryError::Unreadable(_) => "ERR_LEAKHUNT_IO",
        }
    }
}

/// What a file begins with.
pub fn header() -> Vec<u8> {
    [&MAGIC[..], &VERSION.to_le_bytes()].concat()
}

/// An entry, as it is appended.
pub fn encode(entry: &Entry) -> io::Result<Vec<u8>> {
    let text = serde_json::to_vec(entry)?;
    let mut frame = zstd::stream::Encoder::new(vec![0; 4], LEVEL)?;
    frame.include_checksum(true)?;
    frame.set_pledged_src_size(Some(text.len() as u64))?;
    io::copy(&mut &text[..], &mut frame)?;
    let mut bytes = frame.finish()?;
    let length = u32::try_from(bytes.len() - 4).ok().filter(|length| *length <= LARGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::other("the census is too large to be kept"))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Hands over every entry, oldest first. The answer is how many bytes at the end belong to one that was never finished: 0 in most files.
pub fn read(mut source: impl Read, mut take: impl FnMut(Entry)) -> Result<u64, HistoryError> {
    let mut header = [0; MAGIC.len() + 4];
    let length = read_up_to(&mut source, &mut header)?;
    if length < header.len() || header[..MAGIC.len()] != MAGIC {
        return Err(HistoryError::Foreign);
    }
    let found = u32::from_le_bytes(header[MAGIC.len()..].try_into().expect("four bytes are left"));
    if found != VERSION {
        return Err(HistoryError::Version { found });
    }
    let (mut number, mut offset, mut unpacked) = (0, header.len() as u64, 0);
    loop {
        let mut prefix = [0; 4];
        let length = read_up_to(&mut source, &mut prefix)?;
        if length < prefix.len() {
            return Ok(length as u64);
        }
        number += 1;
        let damaged = |reason: String| HistoryError::Damaged { number, offset, reason };
        let length = u32::from_le_bytes(prefix);
        if length > LARGEST_FRAME {
            return Err(damaged(format!("has {length} bytes, and {LARGEST_FRAME} are the most")));
        }
        // Not more than there is: a promise is no allocation.
        let mut frame = Vec::new();
        source.by_ref().take(u64::from(length)).read_to_end(&mut frame)?;
        if frame.len() < length as usize {
            return Ok(prefix.len() as u64 + frame.len() as u64);
        }
        let text = unpack(&frame).map_err(damaged)?;
        unpacked += text.len() as u64;
        if is_bomb(unpacked, offset + u64::from(length)) {
            return Err(damaged("unpacks to far more than a census can".to_owned()));
        }
        // Where it went wrong, and not what stood there.
        let entry = serde_json::from_slice(&text).map_err(|error| {
            damaged(format!("is no census (line {} column {} of its JSON)", error.line(), error.column()))
        })?;
        take(entry);
        offset += prefix.len() as u64 + u64::from(length);
    }
}

fn unpack(frame: &[u8]) -> Result<Vec<u8>, String> {
    let unpacked = || -> io::Result<Vec<u8>> {
        let mut decoder = zstd::stream::Decoder::with_buffer(frame)?;
        decoder.window_log_max(WINDOW_LOG)?;
        let mut text = Vec::new();
        decoder.take(LARGEST_TEXT + 1).read_to_end(&mut text)?;
        Ok(text)
    };
    let text = unpacked().map_err(|error| format!("cannot be unpacked ({error})"))?;
    if text.len() as u64 > LARGEST_TEXT { Err(format!("unpacks to more than {LARGEST_TEXT} bytes")) } else { Ok(text) }
}

/// Reads until the buffer is full or the file ends.
fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{ClassCount, Kind};
    use super::*;
    use proptest::prelude::*;

    pub fn entry(timestamp_ms: u64, classes: &[(&str, u64)]) -> Entry {
        let class = |&(name, count): &(&str, u64)| ClassCount {
            name: name.to_owned(),
            kind: Kind::Object,
            location: Some("/app/server.js:7:9".to_owned()),
            count,
            bytes: 64 * count,
            owned_bytes: Some(80 * count),
        };
        let classes: Vec<ClassCount> = classes.iter().map(class).collect();
        let total_count = classes.iter().map(|class| class.count).sum();
        let census = Census { classes, total_count, total_bytes: 64 * total_count, ..Census::default() };
        Entry { timestamp_ms, pid: 7, thread_id: 0, heap_used_bytes: 1 << 20, census }
    }

    fn file(entries: &[Entry]) -> Vec<u8> {
        let mut bytes = header();
        entries.iter().for_each(|entry| bytes.extend(encode(entry).unwrap()));
        bytes
    }

    fn read_all(bytes: &[u8]) -> Result<(Vec<Entry>, u64), String> {
        let mut entries = Vec::new();
        let cut = read(bytes, |entry| entries.push(entry)).map_err(|error| error.to_string())?;
        Ok((entries, cut))
    }

    #[test]
    fn what_was_appended_is_read_in_order() {
        let entries = [entry(1, &[("A", 1)]), entry(2, &[("A", 2), ("größe\"", 9)]), entry(3, &[])];
        assert_eq!(read_all(&file(&entries)).unwrap(), (entries.to_vec(), 0));
        assert_eq!(read_all(&header()).unwrap(), (vec![], 0));
    }

    #[test]
    fn cut_anywhere_it_has_all_that_was_finished() {
        let entries = [entry(1, &[("A", 1)]), entry(2, &[("A", 2)])];
        let (bytes, first) = (file(&entries), file(&entries[..1]).len());
        for end in header().len()..bytes.len() {
            let whole = usize::from(end >= first);
            let last = if whole == 1 { first } else { header().len() };
            assert_eq!(read_all(&bytes[..end]).unwrap(), (entries[..whole].to_vec(), (end - last) as u64), "{end}");
        }
        for end in 0..header().len() {
            assert_eq!(
                read_all(&bytes[..end]).unwrap_err(),
                "it is no file of censuses: expected it to begin with \"LHCENSUS\""
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let mut other = header();
        other[8] = 2;
        assert_eq!(read_all(&other).unwrap_err(), "it is of version 2, and this leakhunt reads version 1");
        let mut long = header();
        long.extend(u32::MAX.to_le_bytes());
        assert_eq!(read_all(&long).unwrap_err(), "census 1 at byte 12 has 4294967295 bytes, and 67108864 are the most");
        let frame = zstd::encode_all(&b"{\"pid\":[]}"[..], 1).unwrap();
        let mut foreign = header();
        foreign.extend((frame.len() as u32).to_le_bytes());
        foreign.extend(&frame);
        let reason = read_all(&foreign).unwrap_err();
        assert!(reason.starts_with("census 1 at byte 12 is no census (line 1 column "), "{reason}");
        // A bit that has changed in the middle of a frame.
        let mut bytes = file(&[entry(1, &[("A", 1)])]);
        let middle = bytes.len() - 12;
        bytes[middle] ^= 1;
        assert!(read_all(&bytes).unwrap_err().starts_with("census 1 at byte 12 "), "the checksum tells");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), with_header in any::<bool>()) {
            let all = if with_header { [header(), bytes].concat() } else { bytes };
            let _ = read_all(&all);
        }

        #[test]
        fn damage_is_never_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = file(&[entry(1, &[("A", 1)]), entry(2, &[("A", 2)])]);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read_all(&bytes);
        }
    }
}
