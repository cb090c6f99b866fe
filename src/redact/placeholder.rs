//! What stands in a string's place: how long it was, and a hash by which equal strings can be told from others.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// The key of the hash: the standard library's keyed hash (SipHash) with 128 random bits of the operating system's. It is never written
/// down. Snapshots made with the same salt have the same hash for the same string.
#[derive(Clone, Debug, Default)]
pub struct Salt(RandomState);

impl Salt {
    pub fn new() -> Salt {
        Salt::default()
    }

    /// The one of this process. To be asked for before a fork: a child that is shut off gets no random bits.
    pub fn of_process() -> Salt {
        static SALT: OnceLock<Salt> = OnceLock::new();
        SALT.get_or_init(Salt::new).clone()
    }

    pub fn hash(&self, text: &str) -> u64 {
        self.0.hash_one(text)
    }

    /// The length counts UTF-16 units, as JavaScript does.
    pub fn placeholder(&self, text: &str) -> String {
        format!("[{} chars #{:016x}]", utf16_length(text), self.hash(text))
    }
}

fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// Whether this is what a redaction has left.
pub fn is_placeholder(text: &str) -> bool {
    placeholder_length(text).is_some()
}

/// How many characters the text had that stood here, if this is what a redaction has left.
pub fn placeholder_length(text: &str) -> Option<u64> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let (length, hash) = inner.and_then(|inner| inner.split_once(" chars #"))?;
    let is_length = (1..=10).contains(&length.len()) && length.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_length && is_hash { length.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_are_equal_under_one_salt_only() {
        let (salt, other) = (Salt::new(), Salt::new());
        assert_eq!(salt.placeholder("secret"), salt.clone().placeholder("secret"));
        assert_ne!(salt.placeholder("secret"), salt.placeholder("Secret"));
        assert_ne!(salt.placeholder("secret"), other.placeholder("secret"));
    }

    #[test]
    fn the_length_is_that_of_javascript() {
        let salt = Salt::new();
        for (text, length) in
            [("a", "[1 chars #"), ("é", "[1 chars #"), ("😀!", "[3 chars #"), (&"x".repeat(1024), "[1024 chars #")]
        {
            let placeholder = salt.placeholder(text);
            assert!(placeholder.starts_with(length), "{placeholder}");
            assert!(is_placeholder(&placeholder));
            assert_eq!(placeholder_length(&placeholder), Some(text.encode_utf16().count() as u64));
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "",
            "[]",
            "[1 chars #]",
            "[x chars #0123456789abcdef]",
            "[1 chars #0123456789ABCDEF]",
            "[1 chars #0123456789abcdef] ",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
