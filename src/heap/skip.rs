//! JSON values that are passed over: sections that nobody asked for.

use memchr::{memchr, memchr2};

/// Finds the end of one JSON value by its brackets and quotes. Remembers everything between chunks.
#[derive(Clone, Debug, Default)]
pub(super) struct Skipper {
    depth: u64,
    in_string: bool,
    escaped: bool,
    has_text: bool,
}

impl Skipper {
    /// Whether anything but numbers was among what has been passed over so far: a string, be it as a value or as a key, or letters without quotes, which
    /// are no JSON or say nothing that V8 would.
    pub fn has_text(&self) -> bool {
        self.has_text
    }

    /// Takes a chunk that starts inside the value (or with it). `Some(n)`: the value ended, and `n` bytes were its own.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if std::mem::take(&mut self.escaped) {
                    at += 1;
                    continue;
                }
                at += memchr2(b'"', b'\\', &bytes[at..])?;
                match bytes[at] {
                    b'\\' => self.escaped = true,
                    _ => self.in_string = false,
                }
                at += 1;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match bytes[at] {
                b'"' => {
                    self.in_string = true;
                    self.has_text = true;
                }
                b'[' | b'{' => self.depth += 1,
                // A number, `true` or `null` is ended by what follows it, which is not its own.
                b',' | b']' | b'}' if self.depth == 0 => return Some(at),
                b']' | b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                b',' | b':' | b'.' | b'-' | b'0'..=b'9' | b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => self.has_text = true,
            }
            at += 1;
        }
        None
    }
}

/// The end of an array of integers, from behind its `[`: nothing in it can look like its end.
pub(super) fn end_of_integers(bytes: &[u8]) -> Option<usize> {
    memchr(b']', bytes).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_value_is_found_wherever_the_chunk_ends() {
        for (value, rest) in [
            ("[1,[2,{\"a\":\"]}\"}]]", ",x"),
            ("{\"k\\\"}\":\"\\\\\"}", "}"),
            ("12", "}"),
            ("null", ",\"a\":1"),
            ("\"a]\\\"b\"", ","),
        ] {
            let text = format!("{value}{rest}");
            for cut in 0..value.len() {
                let (head, tail) = text.as_bytes().split_at(cut);
                let mut skipper = Skipper::default();
                assert_eq!(skipper.feed(head), None, "{text} cut at {cut}");
                assert_eq!(skipper.feed(tail), Some(value.len() - cut), "{text} cut at {cut}");
            }
        }
    }

    #[test]
    fn whatever_is_no_number_is_text() {
        for (value, has_text) in [
            ("[1,-2.5 , {}]", false),
            ("[1,\"a\"]", true),
            ("{\"a\":1}", true),
            ("[secret]", true),
            ("[1,'secret']", true),
            ("[\u{e9}]", true),
        ] {
            let mut skipper = Skipper::default();
            assert_eq!(skipper.feed(value.as_bytes()), Some(value.len()));
            assert_eq!(skipper.has_text(), has_text, "{value}");
        }
    }
}
