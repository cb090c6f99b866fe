//! A list of texts as one text: a list of a hundred million empty strings is short to write, and would be long as strings.

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    /// Where each ends; those that are null have no length.
    ends: Vec<u32>,
}

impl Texts {
    pub fn get(&self, number: u32) -> Option<&str> {
        let number = usize::try_from(number).ok()?;
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end]).filter(|text| !text.is_empty())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let end = u32::try_from(self.text.len()).map_err(|_| E::custom("a list of more than 4 GiB"))?;
        self.ends.push(end);
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strings")
            }
            fn visit_unit<E: Error>(self) -> Result<Texts, E> {
                Ok(Texts::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Texts::default();
                while list.next_element_seed(One(&mut texts))?.is_some() {}
                Ok(texts)
            }
        }
        json.deserialize_any(List)
    }
}

/// The next of them: a string, or null for a source without a name.
struct One<'a>(&'a mut Texts);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl Visitor<'_> for One<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.text.push_str(text);
        self.0.end()
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_number() {
        let texts: Texts = serde_json::from_str(r#"["a",null,"","\u00e9b"]"#).unwrap();
        let found: Vec<_> = (0..5).map(|number| texts.get(number)).collect();
        assert_eq!(found, [Some("a"), None, None, Some("\u{e9}b"), None]);
        assert_eq!(serde_json::from_str::<Texts>("null").unwrap(), Texts::default());
        assert!(serde_json::from_str::<Texts>("[1]").is_err());
    }
}
