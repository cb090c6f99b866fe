//! Strings from a heap, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Longer names are cut in the middle: one string of a megabyte must not be the whole screen.
const LONGEST: usize = 200;

/// Makes `text` one harmless line: control characters, escape sequences, and marks that reorder or hide text become visible
/// escapes, and what is too long loses its middle.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().count() <= LONGEST && !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let cut = middle_out(text, LONGEST);
    let mut out = String::with_capacity(cut.len() + 16);
    for c in cut.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmful(c) => write!(out, "\\u{{{:x}}}", c as u32).expect("a String takes all text"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// At most `most` characters, the ends of the text kept: that is where names differ.
pub fn middle_out(text: &str, most: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= most {
        return Cow::Borrowed(text);
    }
    let keep = most.saturating_sub(1);
    let tail = keep / 2;
    let head: String = text.chars().take(keep - tail).collect();
    let end: String = text.chars().skip(length - tail).collect();
    Cow::Owned(format!("{head}…{end}"))
}

/// Columns that `text` takes on a terminal: two for the wide characters of East Asia and emoji, none for combining marks.
pub fn columns(text: &str) -> usize {
    text.chars().map(column_count).sum()
}

fn column_count(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F => 2,
        0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// C0 and C1 controls, DEL, the invisible marks that can turn a line around or hide a part of it, and letters that look like nothing at
/// all: two names must not look the same.
fn is_harmful(c: char) -> bool {
    c.is_control() || is_mark(c as u32) || is_invisible(c as u32)
}

fn is_mark(c: u32) -> bool {
    matches!(c, 0x00AD | 0x061C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF0..=0xFFFB)
}

/// Fillers, joiners, variation selectors, tags, the blank of Braille, marks of shorthand and of music, and what is set aside to be ignored.
fn is_invisible(c: u32) -> bool {
    matches!(c, 0x034F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFFA0)
        || matches!(c, 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// `text` as one word for a shell, and as harmless text for a terminal: plain, in quotes, or as bash and zsh spell what cannot be seen.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@:,=%".contains(c);
    if text.chars().any(is_harmful) {
        let mut word = String::from("$'");
        for c in text.chars() {
            match c {
                '\\' | '\'' => word.extend(['\\', c]),
                c if is_harmful(c) => {
                    let mut bytes = [0; 4];
                    for byte in c.encode_utf8(&mut bytes).bytes() {
                        write!(word, "\\x{byte:02x}").expect("a String takes all text");
                    }
                }
                c => word.push(c),
            }
        }
        word.push('\'');
        word
    } else if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_marks_become_visible() {
        assert_eq!(clean("a\x1b[2Jb\nc\u{202e}d\u{9b}1m"), "a\\u{1b}[2Jb\\nc\\u{202e}d\\u{9b}1m");
    }

    #[test]
    fn letters_that_cannot_be_seen_become_visible() {
        for c in ['\u{3164}', '\u{115f}', '\u{ffa0}', '\u{2800}', '\u{fe0f}', '\u{e0101}', '\u{34f}', '\u{17b4}'] {
            assert_eq!(clean(&format!("Log{c}")), format!("Log\\u{{{:x}}}", c as u32));
        }
    }

    #[test]
    fn a_shell_reads_what_was_meant() {
        for (path, word) in [
            ("/tmp/a-1.heapsnapshot", "/tmp/a-1.heapsnapshot"),
            ("/tmp/my heaps/$(x)", "'/tmp/my heaps/$(x)'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
            ("a\n\u{202e}'b\\", "$'a\\x0a\\xe2\\x80\\xae\\'b\\\\'"),
        ] {
            assert_eq!(shell_word(path), word);
            let shell = std::process::Command::new("bash").args(["-c", &format!("printf %s {word}")]).output();
            // Where there is a bash, it is asked.
            if let Ok(output) = shell {
                assert_eq!(output.stdout, path.as_bytes(), "{word}");
            }
        }
    }

    #[test]
    fn ordinary_names_are_borrowed() {
        assert!(matches!(clean("RequestLog größe 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let name = format!("{}{}", "a".repeat(5000), "z".repeat(5000));
        let shown = clean(&name);
        assert_eq!(shown.chars().count(), LONGEST);
        assert!(shown.starts_with("aaa") && shown.ends_with("zzz") && shown.contains('…'));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("ab日e\u{301}"), 5);
    }
}
