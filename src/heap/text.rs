//! Arrays of strings: the `strings` section.

use memchr::memchr2;
use std::ops::Range;

/// Reads one array of JSON strings, from behind its `[` to its `]`.
///
/// Lossy where text is not Unicode: V8 cuts long strings at 1,024 units, through the middle of a surrogate pair if need
/// be, and JavaScript strings may hold lone surrogates anyway. Such become U+FFFD; nothing is refused for its content.
#[derive(Clone, Debug)]
pub(super) struct StringScanner {
    expect: Expect,
    /// The raw text of a string that is not complete, or has to be put together.
    raw: Vec<u8>,
    decoded: String,
    /// The chunk ended behind a backslash.
    escaped: bool,
    /// Where in the file the string being read, or the last one, has its opening quote.
    begin: u64,
    count: u32,
    total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    StringOrEnd,
    String,
    Inside,
    Separator,
}

#[derive(Debug)]
pub(super) enum TextStop {
    Text {
        at: usize,
        reason: &'static str,
    },
    /// More text or more strings than 32-bit numbers can address.
    TooLarge {
        at: usize,
    },
}

/// All text together, and any number of strings, fits 32 bits; so does a class that is made up from a name.
const MAX_TEXT: u64 = u32::MAX as u64 - (1 << 20);
/// One string. V8 cuts what it writes at 1,024 characters unless told otherwise, so this is generous; a file may hold anything.
const MAX_STRING: usize = 64 << 20;

impl StringScanner {
    pub fn new() -> StringScanner {
        StringScanner {
            expect: Expect::StringOrEnd,
            raw: Vec::new(),
            decoded: String::new(),
            escaped: false,
            begin: 0,
            count: 0,
            total: 0,
        }
    }

    /// Strings so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Where the string begins that has not ended yet.
    pub fn open(&self) -> Option<u64> {
        (self.expect == Expect::Inside).then_some(self.begin)
    }

    /// Reads a chunk that starts at byte `offset` of the file. `Some(n)`: the array closed, and the chunk's bytes from `n` on come after
    /// it. Each string is told with its number and its place, quotes included.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        offset: u64,
        mut emit: impl FnMut(u32, &str, Range<u64>),
    ) -> Result<Option<usize>, TextStop> {
        let mut at = 0;
        while at < bytes.len() {
            if self.expect == Expect::Inside {
                at = self.inside(bytes, at, offset, &mut emit)?;
                continue;
            }
            let byte = bytes[at];
            match (self.expect, byte) {
                (_, b' ' | b'\t' | b'\r' | b'\n') => {}
                (Expect::String | Expect::StringOrEnd, b'"') => {
                    self.begin = offset + at as u64;
                    self.expect = Expect::Inside;
                }
                (Expect::Separator, b',') => self.expect = Expect::String,
                (Expect::Separator | Expect::StringOrEnd, b']') => return Ok(Some(at + 1)),
                (Expect::Separator, _) => return Err(TextStop::Text { at, reason: "expected a comma after a string" }),
                _ => return Err(TextStop::Text { at, reason: "expected a string" }),
            }
            at += 1;
        }
        Ok(None)
    }

    /// From somewhere inside a string to behind its closing quote, or to the end of the chunk.
    fn inside(
        &mut self,
        bytes: &[u8],
        start: usize,
        offset: u64,
        emit: &mut impl FnMut(u32, &str, Range<u64>),
    ) -> Result<usize, TextStop> {
        let mut at = start;
        let mut has_escapes = false;
        loop {
            if self.escaped {
                // Whatever follows a backslash does not end the string.
                self.escaped = false;
                has_escapes = true;
                at += 1;
            }
            let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) else {
                self.keep(&bytes[start..], start)?;
                return Ok(bytes.len());
            };
            at += found;
            if bytes[at] == b'"' {
                break;
            }
            at += 1;
            self.escaped = true;
            if at == bytes.len() {
                self.keep(&bytes[start..], start)?;
                return Ok(at);
            }
        }
        let text = match std::str::from_utf8(&bytes[start..at]) {
            // Nearly all strings: whole in this chunk and plain.
            Ok(text) if self.raw.is_empty() && !has_escapes => text,
            _ => {
                self.keep(&bytes[start..at], start)?;
                self.decoded.clear();
                unescape(&self.raw, &mut self.decoded);
                self.raw.clear();
                &self.decoded
            }
        };
        self.total += text.len() as u64;
        if self.total > MAX_TEXT || self.count == u32::MAX - (1 << 20) {
            return Err(TextStop::TooLarge { at });
        }
        emit(self.count, text, self.begin..offset + at as u64 + 1);
        self.count += 1;
        self.expect = Expect::Separator;
        Ok(at + 1)
    }

    fn keep(&mut self, part: &[u8], at: usize) -> Result<(), TextStop> {
        if self.raw.len() + part.len() > MAX_STRING {
            return Err(TextStop::Text { at, reason: "a string is longer than 64 MiB" });
        }
        self.raw.extend_from_slice(part);
        Ok(())
    }
}

/// Appends the text that JSON's `raw` stands for. Escapes that make no sense stand for their own letter.
pub(super) fn unescape(raw: &[u8], out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        rest = &rest[at + 1..];
        let Some((&letter, after)) = rest.split_first() else { return };
        rest = after;
        match letter {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'u' => {
                let (character, length) = unit(rest);
                out.push(character);
                rest = &rest[length..];
            }
            letter if letter.is_ascii() => out.push(char::from(letter)),
            // The first byte of a longer character: let the copy above see all of it.
            _ => {
                let end = after.iter().position(|byte| *byte == b'\\').unwrap_or(after.len());
                out.push_str(&String::from_utf8_lossy(&raw[raw.len() - after.len() - 1..][..end + 1]));
                rest = &after[end..];
            }
        }
    }
    out.push_str(&String::from_utf8_lossy(rest));
}

/// The character behind `\u`, and how many bytes spell it: 4, or 10 for a surrogate pair.
fn unit(text: &[u8]) -> (char, usize) {
    let hex = |text: &[u8]| -> Option<u32> {
        let digits: &[u8; 4] = text.first_chunk()?;
        digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
    };
    let Some(high) = hex(text) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(character) = char::from_u32(high) {
        return (character, 4);
    }
    if high < 0xdc00
        && text[4..].starts_with(b"\\u")
        && let Some(low @ 0xdc00..=0xdfff) = hex(&text[6..])
    {
        let pair = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 10);
    }
    (char::REPLACEMENT_CHARACTER, 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(chunks: &[&[u8]]) -> Vec<String> {
        let whole = chunks.concat();
        let mut scanner = StringScanner::new();
        let mut strings = Vec::new();
        let mut offset = 0;
        for chunk in chunks {
            let fed = scanner.feed(chunk, offset, |number, text, place| {
                assert_eq!(number as usize, strings.len());
                assert!(whole[place.start as usize] == b'"' && whole[place.end as usize - 1] == b'"', "{place:?}");
                strings.push(text.to_owned());
            });
            if fed.unwrap().is_some() {
                return strings;
            }
            offset += chunk.len() as u64;
        }
        panic!("the array did not close");
    }

    #[test]
    fn every_split_gives_the_same_strings() {
        let text = br#""", "plain" ,"q\"b\\","\u00e9\ud83d\ude00","lone \ud800 \udc00\ud800","\n\/\x","\u12"]"#;
        let whole = scan(&[text]);
        assert_eq!(whole, ["", "plain", "q\"b\\", "é😀", "lone \u{fffd} \u{fffd}\u{fffd}", "\n/x", "\u{fffd}12"]);
        for cut in 0..text.len() {
            let (head, tail) = text.split_at(cut);
            assert_eq!(scan(&[head, tail]), whole, "cut at {cut}");
        }
        assert_eq!(scan(&text.chunks(1).collect::<Vec<_>>()), whole);
    }

    proptest! {
        #[test]
        fn what_json_writers_write_comes_back(strings in prop::collection::vec(any::<String>(), 0..8)) {
            let json = serde_json::to_string(&strings).unwrap();
            prop_assert_eq!(scan(&[&json.as_bytes()[1..]]), strings);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut scanner = StringScanner::new();
            if let Ok(None) = scanner.feed(head, 0, |_, _, _| {}) {
                let _ = scanner.feed(tail, head.len() as u64, |_, _, _| {});
            }
            unescape(&bytes, &mut String::new());
        }
    }
}
