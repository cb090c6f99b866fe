//! The snapshot's string table: one buffer of text and where each string ends.

/// Strings by number. One allocation for all text, four bytes a string on top.
#[derive(Clone, Debug, Default)]
pub(super) struct StringTable {
    text: String,
    ends: Vec<u32>,
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
}
