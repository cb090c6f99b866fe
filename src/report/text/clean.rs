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

/// C0 and C1 controls, DEL, and the invisible marks that can turn a line around or hide a part of it.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c as u32, 0x00AD | 0x061C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_marks_become_visible() {
        assert_eq!(clean("a\x1b[2Jb\nc\u{202e}d\u{9b}1m"), "a\\u{1b}[2Jb\\nc\\u{202e}d\\u{9b}1m");
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
