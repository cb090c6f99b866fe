//! How V8 spells the names of nodes and edges, as far as others' text can be in them.

use super::placeholder::{Salt, is_placeholder};

/// What V8 writes where it does not write a content.
pub(super) fn is_marker(text: &str) -> bool {
    const MARKERS: [&str; 8] = [
        "<dummy>",
        "<symbol>",
        "(concatenated string)",
        "(sliced string)",
        "symbol",
        "private symbol",
        "native_bind",
        "JSRegExp (uninitialized)",
    ];
    MARKERS.contains(&text)
}

/// A class of V8's own, `system / Context` or `system / Context / scope @123`: words alone, so that nothing can hide in it.
pub(super) fn is_system_class(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("system / ") else { return false };
    let (class, scope) = rest.split_once(" / scope @").map_or((rest, ""), |(class, scope)| (class, scope));
    const CLASSES: [&str; 3] = ["Context", "CppHeapExternal", "NativeContext"];
    CLASSES.contains(&class) && is_number(scope)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of an edge that V8 made: `None` if it may stay. `is_content` says whether there is a string with the same text.
///
/// Numbers are places in V8's tables, and a table may be long enough to have everybody's PIN for a number.
pub(super) fn link(text: &str, is_content: bool, salt: &Salt) -> Option<String> {
    const SHORT: usize = 3;
    if is_number(text) {
        return (is_content && text.len() > SHORT).then(|| salt.placeholder(text));
    }
    if text.contains(" / part of key (") {
        return Some(weak_map_entry(text).unwrap_or_else(|| salt.placeholder(text)));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_$ ./():-~".contains(&byte);
    (!text.bytes().all(plain)).then(|| salt.placeholder(text))
}

/// `12 / part of key (NAME @7) -> value (NAME @9) pair in WeakMap (table @11)` without the names, which may be contents. What is left still has
/// the form by which DevTools knows it.
fn weak_map_entry(text: &str) -> Option<String> {
    let (number, rest) = text.split_once(" / part of key (")?;
    let (rest, table) = rest.strip_suffix(')')?.rsplit_once(" pair in WeakMap (table @")?;
    // The key is an object or a symbol, so its name is a class: the first place where it can end is where it ends.
    let (key, value) = rest.split_once(") -> value (")?;
    let id = |name: &str| name.rsplit_once(" @").map(|(_, id)| id.to_owned());
    let (key, value) = (id(key)?, id(value.strip_suffix(')')?)?);
    let numbers = [number, &key, &value, table];
    // V8's ids have 32 bits.
    if numbers.iter().any(|number| number.is_empty() || number.len() > 10 || !is_number(number)) {
        return None;
    }
    Some(format!("{number} / part of key ( @{key}) -> value ( @{value}) pair in WeakMap (table @{table})"))
}

/// A script's name or that of its node: `None` if it may stay. The path of a `data:` URL is a text of the program's making.
pub(super) fn script(text: &str, salt: &Salt) -> Option<String> {
    const SCHEME: &str = "data:";
    let path = text.strip_prefix("system / Script / ").unwrap_or(text);
    let rest =
        path.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME)).map(|_| &path[SCHEME.len()..])?;
    let before = &text[..text.len() - rest.len()];
    (!is_placeholder(rest)).then(|| format!("{before}{}", salt.placeholder(rest)))
}

/// The name of a native thing: `None` if it may stay. Browsers name elements with their attributes, and documents by their address.
pub(super) fn native(text: &str, salt: &Salt) -> Option<String> {
    let tag = text.strip_prefix("Detached ").unwrap_or(text);
    if tag.starts_with('<') {
        let detached = &text[..text.len() - tag.len()];
        let name = tag
            .split([' ', '>'])
            .next()
            .filter(|name| name.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        let short = name.map_or_else(|| salt.placeholder(text), |name| format!("{detached}{name}>"));
        return (short != text).then_some(short);
    }
    (text.contains("://") || text.contains('"')).then(|| salt.placeholder(text))
}

/// A property's name that has another name in it: what stands before that, that, and what stands after it.
pub(super) fn wrapped(text: &str) -> Option<(&str, &str, &str)> {
    let accessor = ["get ", "set "].into_iter().find_map(|prefix| Some((prefix, text.strip_prefix(prefix)?, "")));
    accessor.or_else(|| Some(("<symbol ", text.strip_prefix("<symbol ")?.strip_suffix('>')?, ">")))
}

/// What a piece of code is, by the name of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Its strings are words of a source text: names, and literals.
    Source,
    /// The same for those that it has under numbers; V8 leaves descriptions of object literals without a name up to Node 24.
    Unnamed,
    Script,
    /// Anything else. Feedback and optimised code, above all, remember keys that were seen at run time.
    Other,
}

impl Origin {
    pub fn of(name: &str) -> Origin {
        match name {
            "" => Origin::Unnamed,
            "(constant pool)" | "(constant elements)" | "(context local names)" | "(function scope info)" => {
                Origin::Source
            }
            "system / ScopeInfo" | "system / ObjectBoilerplateDescription" => Origin::Source,
            _ if name.starts_with("system / UncompiledData") => Origin::Source,
            _ if name == "system / Script" || name.starts_with("system / Script / ") => Origin::Script,
            _ => Origin::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_weak_maps_keep_their_numbers_only() {
        let salt = Salt::new();
        let strip = |text: &str| link(text, false, &salt);
        let bare = "12 / part of key ( @7) -> value ( @9) pair in WeakMap (table @11)";
        for (key, value) in
            [("Key", "secret"), ("Key", "a) -> value (b @3)"), ("", ""), ("Key", "pair in WeakMap (table @5)")]
        {
            let name = format!("12 / part of key ({key} @7) -> value ({value} @9) pair in WeakMap (table @11)");
            assert_eq!(strip(&name).as_deref(), Some(bare), "{name}");
        }
        assert_eq!(strip(bare).as_deref(), Some(bare));
        for odd in [
            "12 / part of key (a @7) -> value (b",
            "x / part of key (a @7) -> value (b @9) pair in WeakMap (table @11)",
        ] {
            assert!(crate::redact::is_placeholder(&strip(odd).unwrap()), "{odd}");
        }
    }

    #[test]
    fn links_of_v8_stay_and_long_numbers_only_where_no_string_is_like_them() {
        let salt = Salt::new();
        for name in ["map", "17", "3 / (Persistent handle)", "0 / RegExpCapture1Getter", "48213"] {
            assert_eq!(link(name, false, &salt), None, "{name}");
        }
        assert_eq!(link("200", true, &salt), None);
        assert!(link("48213", true, &salt).is_some());
        assert!(link("alice@example.com", false, &salt).is_some());
    }

    #[test]
    fn scripts_from_data_urls_lose_their_text() {
        let salt = Salt::new();
        for name in ["/app/server.js", "node:fs", "system / Script / /app/server.js", "database.js", "é"] {
            assert_eq!(script(name, &salt), None, "{name}");
        }
        let short = script("system / Script / data:text/javascript,secret", &salt).unwrap();
        assert_eq!(short, format!("system / Script / data:{}", salt.placeholder("text/javascript,secret")));
        assert!(!script("DATA:,secret", &salt).unwrap().contains("secret"));
    }

    #[test]
    fn elements_keep_their_tag() {
        let salt = Salt::new();
        assert_eq!(native("Detached <a href=\"secret\">", &salt).as_deref(), Some("Detached <a>"));
        assert_eq!(native("<div>", &salt), None);
        assert_eq!(native("Node / std::basic_string", &salt), None);
        assert!(native("Window / https://example.com/secret", &salt).is_some_and(|name| !name.contains("secret")));
    }

    #[test]
    fn names_within_names_are_found() {
        assert_eq!(wrapped("get x"), Some(("get ", "x", "")));
        assert_eq!(wrapped("<symbol a b>"), Some(("<symbol ", "a b", ">")));
        assert_eq!(wrapped("getter"), None);
    }

    #[test]
    fn classes_of_v8_are_told_from_those_that_pretend() {
        assert!(is_system_class("system / Context") && is_system_class("system / Context / scope @12"));
        assert!(!is_system_class("system / secret") && !is_system_class("system / Context / scope @1 secret"));
    }
}
