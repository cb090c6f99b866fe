//! The snapshot's string table: one buffer of text and where each string ends.

/// Strings by number. One allocation for all text, four bytes a string on top.
#[derive(Clone, Debug, Default)]
pub(super) struct StringTable {
    text: String,
    ends: Vec<u32>,
}

/// The most of a name that is told, in bytes: no less than the 1024 characters that V8 writes of any text. A foreign file may have names of
/// megabytes, and each step of each path would repeat them.
const LONGEST_NAME: usize = 4096;

/// As much of a name as is told.
#[inline]
pub(super) fn as_name(text: &str) -> &str {
    if text.len() <= LONGEST_NAME { text } else { beginning(text) }
}

#[cold]
fn beginning(text: &str) -> &str {
    let end = (0..=LONGEST_NAME).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

/// The text does not fit the table's 32-bit offsets.
#[derive(Debug)]
pub(super) struct TableFull;

impl StringTable {
    pub fn push(&mut self, text: &str) -> Result<u32, TableFull> {
        let end = u32::try_from(self.text.len() + text.len()).map_err(|_| TableFull)?;
        let number = u32::try_from(self.ends.len()).map_err(|_| TableFull)?;
        self.text.push_str(text);
        self.ends.push(end);
        Ok(number)
    }

    /// The string, or nothing for a number that the file never defined.
    #[inline]
    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let Some(&end) = self.ends.get(number) else { return "" };
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start as usize..end as usize]
    }

    /// A table of `text`, in which each string ends where the next begins. The ends go up, lie between characters, and the last is that of the text.
    pub fn of_parts(text: String, ends: Vec<u32>) -> StringTable {
        StringTable { text, ends }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..self.ends.len() as u32).map(|number| (number, self.get(number)))
    }

    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_by_number() {
        let mut table = StringTable::default();
        for text in ["", "a", "", "ünï"] {
            table.push(text).unwrap();
        }
        assert_eq!(table.iter().map(|(_, text)| text).collect::<Vec<_>>(), ["", "a", "", "ünï"]);
        assert_eq!(table.get(99), "");
    }

    #[test]
    fn a_name_is_told_as_far_as_v8_would_write_it() {
        let wide = "\u{ffff}".repeat(1024);
        assert_eq!(as_name(&wide), wide);
        assert_eq!(as_name(&"a".repeat(1 << 20)), "a".repeat(LONGEST_NAME));
        assert_eq!(as_name(&format!("a{}", "\u{ffff}".repeat(2000))).len(), LONGEST_NAME);
        assert_eq!(as_name(&"\u{ffff}".repeat(2000)).len(), LONGEST_NAME - 1);
    }
}
