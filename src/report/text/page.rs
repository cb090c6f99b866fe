//! A page of a given width: wrapped paragraphs, labelled lines, colour where it is wanted.

use super::clean::{clean, columns};

/// Narrower than this nothing can be read; wider than this lines are too long to follow.
const NARROWEST: usize = 40;
const WIDEST: usize = 120;

#[derive(Clone, Copy)]
pub enum Ink {
    Plain,
    Bold,
    Faint,
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Plain => "0",
            Ink::Bold => "1",
            Ink::Faint => "2",
            Ink::Red => "1;31",
            Ink::Green => "1;32",
            Ink::Yellow => "1;33",
            Ink::Cyan => "36",
        }
    }
}

pub struct Page {
    text: String,
    pub width: usize,
    color: bool,
}

impl Page {
    pub fn new(width: usize, color: bool) -> Self {
        Page { text: String::new(), width: width.clamp(NARROWEST, WIDEST), color }
    }

    pub fn finish(self) -> String {
        self.text
    }

    pub fn paint(&self, ink: Ink, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{}m{text}\x1b[0m", ink.code()) } else { text.to_string() }
    }

    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that is already made up: its parts are clean and painted, and it fits.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A paragraph, wrapped between words; lines after the first begin `indent` columns in. `lead` is painted and stays in
    /// front of the first line.
    pub fn paragraph(&mut self, ink: Ink, lead: &str, indent: usize, body: &str) {
        let mut lines = wrap(&clean_long(body), self.width.saturating_sub(indent).max(16)).into_iter();
        let gap = " ".repeat(indent.saturating_sub(columns(lead)));
        let first = lines.next().unwrap_or_default();
        let line = format!("{}{gap}{first}", self.paint(ink, lead));
        self.raw(&line);
        for line in lines {
            let line = format!("{}{line}", " ".repeat(indent));
            self.raw(&line);
        }
    }
}

/// Sentences may be longer than a name: cleaned word by word, so that only a single word can lose its middle.
fn clean_long(body: &str) -> String {
    body.split(' ').map(clean).collect::<Vec<_>>().join(" ")
}

/// Greedy wrapping at blanks; a word that is wider than the line is broken.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if columns(&line) + columns(c.encode_utf8(&mut [0; 4])) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `text` in exactly `width` columns, blanks after it, or its middle cut out.
pub fn fit_left(text: &str, width: usize) -> String {
    let shown = fit(text, width);
    let gap = " ".repeat(width.saturating_sub(columns(&shown)));
    format!("{shown}{gap}")
}

/// The same with the blanks in front.
pub fn fit_right(text: &str, width: usize) -> String {
    let shown = fit(text, width);
    format!("{}{shown}", " ".repeat(width.saturating_sub(columns(&shown))))
}

/// `text` in at most `width` columns.
pub fn fit(text: &str, width: usize) -> String {
    let shown = clean(text);
    let mut most = shown.chars().count().min(width);
    loop {
        let cut = super::clean::middle_out(&shown, most);
        if columns(&cut) <= width || most == 0 {
            return cut.into_owned();
        }
        most -= 1;
    }
}

/// Both texts in `width` columns together: a half for each, and what one leaves of its half for the other.
pub fn side_by_side(left: &str, right: &str, width: usize) -> (String, String) {
    let (left_wide, right_wide) = (columns(&clean(left)), columns(&clean(right)));
    let half = width / 2;
    let left_room = left_wide.min(half.max(width.saturating_sub(right_wide)));
    (fit(left, left_room), fit(right, width - left_room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_a_long_word_breaks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn a_fitted_text_has_the_width_it_was_given() {
        for text in ["short", "日本語日本語日本語", "a very long class name indeed, longer than the column"] {
            assert_eq!(columns(&fit_left(text, 12)), 12, "{text}");
            assert_eq!(columns(&fit_right(text, 12)), 12, "{text}");
        }
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        assert_eq!(Page::new(80, false).paint(Ink::Red, "x"), "x");
        assert_eq!(Page::new(80, true).paint(Ink::Red, "x"), "\x1b[1;31mx\x1b[0m");
    }
}
