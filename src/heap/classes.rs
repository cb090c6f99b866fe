//! Which class a node belongs to, where its name does not say it plainly.

use std::borrow::Cow;

use super::kinds::NodeType;

/// Every kind at the place of its own number.
pub(super) const ALL_KINDS: [NodeType; 17] = [
    NodeType::Hidden,
    NodeType::Array,
    NodeType::String,
    NodeType::Object,
    NodeType::Code,
    NodeType::Closure,
    NodeType::RegExp,
    NodeType::Number,
    NodeType::Native,
    NodeType::Synthetic,
    NodeType::ConsString,
    NodeType::SlicedString,
    NodeType::Symbol,
    NodeType::BigInt,
    NodeType::ObjectShape,
    NodeType::WasmObject,
    NodeType::Other,
];

/// The class of an object or a native thing called `name`: a DOM element is grouped by its tag, without its attributes.
pub(super) fn class_of(name: &str) -> Cow<'_, str> {
    let tag = name.strip_prefix("Detached ").unwrap_or(name);
    if !tag.starts_with('<') {
        return Cow::Borrowed(name);
    }
    match tag.find(' ') {
        None => Cow::Borrowed(name),
        Some(space) => Cow::Owned(format!("{}>", &name[..name.len() - tag.len() + space])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_at_their_own_numbers() {
        assert!(ALL_KINDS.iter().enumerate().all(|(at, &kind)| at == kind as usize));
    }

    #[test]
    fn elements_are_grouped_by_tag() {
        for (name, class) in [
            ("Map", "Map"),
            ("<div>", "<div>"),
            ("<div id=\"a\" b>", "<div>"),
            ("Detached <a href=\"x\">", "Detached <a>"),
            ("Detached thing", "Detached thing"),
        ] {
            assert_eq!(class_of(name), class);
        }
    }
}
