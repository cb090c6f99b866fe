//! Plain objects by what is in them: the class of a literal is `Object`, and the names of its first properties say what it is.

use super::layout::Layout;
use super::maps::type_of;
use super::properties::{Descriptors, MapBits};
use super::regions::Regions;
use super::text::text;

/// Property names of a class; a verdict names plain objects with as many.
const NAMES: u64 = 5;
/// Characters of one.
const LONGEST: usize = 41;
/// Of a name with so many digits in a row it may be that it is a number of somebody's.
const DIGITS: usize = 4;

/// `Object {id, name}`, of the objects of one map that are plain; `None` where they have their properties in tables, so that each may have others, and for
/// prototypes. With `redact`, a name that may be a content is `…`.
pub fn shape_of(regions: &Regions<'_>, layout: &Layout, map: u64, redact: bool) -> Option<String> {
    let bits = MapBits::of(regions, layout, map)?;
    if bits.is_dictionary() || bits.is_prototype() {
        return None;
    }
    let count = bits.own_descriptors();
    let mut shape = String::from("Object {");
    if count > 0 {
        let descriptors = Descriptors::of(regions, layout, map)?;
        for at in 0..count.min(NAMES) {
            let key = descriptors.read(regions, layout, at)?.key;
            if at > 0 {
                shape.push_str(", ");
            }
            push_name(&mut shape, name_of(regions, layout, key).as_deref(), redact);
        }
        if count > NAMES {
            shape.push_str(", …");
        }
    }
    shape.push('}');
    Some(shape)
}

/// A property's name, spelt as V8's snapshots have it; `None` if it cannot be read.
fn name_of(regions: &Regions<'_>, layout: &Layout, key: u64) -> Option<String> {
    if type_of(regions, layout, key)? != layout.types.symbol {
        return text(regions, layout, key);
    }
    let description = regions.follow(key + layout.names.symbol_description?)?;
    Some(format!("<symbol {}>", text(regions, layout, description).unwrap_or_default()))
}

fn push_name(shape: &mut String, name: Option<&str>, redact: bool) {
    match name {
        Some(name) if is_identifier(name) => shape.push_str(name),
        Some(name) if !redact => {
            let end = name.char_indices().nth(LONGEST).map_or(name.len(), |(at, _)| at);
            if name.contains([',', '\'', '"', '{', '}']) {
                shape.push_str(&serde_json::Value::from(&name[..end]).to_string());
            } else {
                shape.push_str(&name[..end]);
            }
            if end < name.len() {
                shape.push('…');
            }
        }
        _ => shape.push('…'),
    }
}

/// Whether a program may have written the name so: `{ [email]: … }` has a content for a name, and few contents look like this.
fn is_identifier(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let has_number = name.as_bytes().windows(DIGITS).any(|part| part.iter().all(u8::is_ascii_digit));
    name.len() <= LONGEST
        && name.bytes().all(is_part)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        && !has_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::builder::{NODES, Page};

    fn shape(name: &str, redact: bool) -> Option<String> {
        let mut page = Page::new(24);
        let key = page.text(name);
        let object = page.with_property(key, key);
        let regions = page.regions();
        shape_of(&regions, &page.layout, regions.follow(object).unwrap(), redact)
    }

    #[test]
    fn an_identifier_is_told_and_what_may_be_a_content_is_not() {
        for name in ["id", "_private", "$inject", "camelCase2", "user12"] {
            assert_eq!(shape(name, true), Some(format!("Object {{{name}}}")));
        }
        let long = "x".repeat(42);
        for name in ["alice@example.com", "two words", "7b", "", "user_84721", "naïve", "a-b", long.as_str()] {
            assert_eq!(shape(name, true).as_deref(), Some("Object {…}"), "{name}");
        }
        assert_eq!(shape("alice@example.com", false).as_deref(), Some("Object {alice@example.com}"));
        assert_eq!(shape("a, b", false).as_deref(), Some("Object {\"a, b\"}"));
        assert_eq!(shape(&long, false), Some(format!("Object {{{}…}}", &long[..41])));
    }

    #[test]
    fn dictionaries_and_prototypes_have_no_shape() {
        for major in NODES {
            let mut page = Page::new(major);
            let key = page.text("key");
            let object = page.with_property(key, key);
            let map = page.get(object) - 1;
            let (at, shift) = (map + page.layout.map.bit_field3, page.layout.names.is_dictionary_shift);
            for (bit, expected) in [(None, Some("Object {key}")), (Some(shift), None), (Some(shift - 1), None)] {
                let was = page.get(at);
                page.set(at, was | bit.map_or(0, |bit| 1 << bit));
                let regions = page.regions();
                assert_eq!(shape_of(&regions, &page.layout, map, true).as_deref(), expected, "Node {major}");
                page.set(at, was);
            }
        }
    }
}
