//! What a script says of its source map: its last comment `//# sourceMappingURL=`, read from the end of the file.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// So much of a script's end is read; more, up to the second, where a map stands in the script itself and begins before.
const END: u64 = 16 << 10;
const INLINE: u64 = 48 << 20;
const LONGEST_PATH: usize = 4096;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, PartialEq, Eq)]
pub enum Reference {
    /// As it is written.
    Url(String),
    /// The map itself.
    Inline(Vec<u8>),
}

/// The map that the script in `file` refers to. Of the rest of the script nothing is looked at.
pub fn reference(file: &mut File, length: u64) -> io::Result<Option<Reference>> {
    let mut size = END;
    loop {
        let start = length.saturating_sub(size);
        file.seek(SeekFrom::Start(start))?;
        let mut end = Vec::new();
        file.take(size).read_to_end(&mut end)?;
        match last_comment(&end, start > 0) {
            Said::Reference(reference) => return Ok(Some(reference)),
            Said::Nothing => return Ok(None),
            Said::MoreIsNeeded if size < INLINE => size = (size * 16).min(INLINE),
            Said::MoreIsNeeded => return Ok(None),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Reference(Reference),
    Nothing,
    /// The end of a long inline map, and not where it begins.
    MoreIsNeeded,
}

/// Looks upwards as long as there are comments: `//# debugId=` may follow. `cut`: the first line may have begun before.
fn last_comment(end: &[u8], cut: bool) -> Said {
    let mut rest = end;
    loop {
        let before = memchr::memrchr(b'\n', rest);
        let line = rest[before.map_or(0, |newline| newline + 1)..].trim_ascii();
        match before {
            None if cut => {
                let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
                return if line.iter().all(is_base64) { Said::MoreIsNeeded } else { Said::Nothing };
            }
            _ => {}
        }
        if let Some(url) = url(line) {
            return read_url(url).map_or(Said::Nothing, Said::Reference);
        }
        match before {
            Some(newline) if line.is_empty() || line.starts_with(b"//") => rest = &rest[..newline],
            _ => return Said::Nothing,
        }
    }
}

/// `@` is how it was written at first.
fn url(line: &[u8]) -> Option<&[u8]> {
    let comment = line.strip_prefix(b"//#").or_else(|| line.strip_prefix(b"//@"))?;
    comment.trim_ascii_start().strip_prefix(b"sourceMappingURL=")
}

fn read_url(url: &[u8]) -> Option<Reference> {
    if let Some(data) = url.strip_prefix(b"data:application/json") {
        let comma = data.iter().take(100).position(|&byte| byte == b',')?;
        let (parameters, text) = (&data[..comma], &data[comma + 1..]);
        return parameters.ends_with(b";base64").then(|| BASE64.decode(text).ok().map(Reference::Inline))?;
    }
    let text = std::str::from_utf8(url).ok().filter(|text| !text.is_empty() && text.len() <= LONGEST_PATH)?;
    (!text.contains([' ', '\t', '"', '\'', '`'])).then(|| Reference::Url(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn of(script: &[u8]) -> Option<Reference> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(script).unwrap();
        reference(&mut file, script.len() as u64).unwrap()
    }

    fn path(path: &str) -> Option<Reference> {
        Some(Reference::Url(path.to_owned()))
    }

    #[test]
    fn the_last_comment_of_a_script_tells() {
        for script in [
            "f()\n//# sourceMappingURL=f.js.map",
            "f()\r\n//# sourceMappingURL=f.js.map\r\n\r\n",
            "//# sourceMappingURL=other.map\nf()\n//@ sourceMappingURL=f.js.map\n//# debugId=7\n\n",
        ] {
            assert_eq!(of(script.as_bytes()), path("f.js.map"), "{script}");
            let long = format!("/*{}*/\n{script}", "x".repeat(1 << 20));
            assert_eq!(of(long.as_bytes()), path("f.js.map"), "{script}");
        }
    }

    #[test]
    fn text_that_looks_like_one_does_not() {
        for script in [
            "",
            "\n",
            "f()",
            "//# sourceMappingURL=a.map\nf()\n",
            "s = \"\\\n//# sourceMappingURL=\" + x",
            "//# sourceMappingURL=",
            "//# sourceMappingURL=a b",
            "//# sourceMappingURL=a.map\n//# sourceMappingURL='",
            "//# sourceMappingURL=data:application/json,{}",
            "//# sourceMappingURL=data:application/json;base64,!",
            "//# sourceMappingURL=data:application/json;base64",
        ] {
            assert_eq!(of(script.as_bytes()), None, "{script}");
        }
        assert_eq!(of(b"//# sourceMappingURL=\xff\xfe.map"), None);
        assert_eq!(of(format!("//# sourceMappingURL={}", "a".repeat(5000)).as_bytes()), None);
        // A line without an end, and one that looks like the end of an inline map.
        assert_eq!(of("f();".repeat(1 << 16).as_bytes()), None);
        assert_eq!(of(&b"A".repeat(1 << 20)), None);
    }

    #[test]
    fn a_map_may_stand_in_the_script_itself() {
        let map = vec![b'{'; 1 << 20];
        for (kind, end) in [("", ""), (";charset=utf-8", "\n\n")] {
            let text = BASE64.encode(&map);
            let script = format!("f()\n//# sourceMappingURL=data:application/json{kind};base64,{text}{end}");
            assert_eq!(of(script.as_bytes()), Some(Reference::Inline(map.clone())));
        }
    }
}
