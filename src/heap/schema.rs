//! What a snapshot says about itself: which column of a row means what.
//!
//! V8 added columns and kinds over the years, and left some out again. The file lists them by name, so rows are read by
//! these lists and never by one version's layout; columns that nobody here asks for are stepped over.

use serde::Deserialize;

use super::kinds::{EdgeType, NodeType};

/// More columns than any V8 has written, several times over.
pub(super) const MAX_FIELDS: usize = 32;

/// The `snapshot` section: layout and promised counts. Counts are promises of the file, checked at its end.
#[derive(Clone, Debug)]
pub struct Meta {
    pub node_count: Option<u64>,
    pub edge_count: Option<u64>,
    pub(super) nodes: NodeLayout,
    pub(super) edges: EdgeLayout,
    pub(super) locations: Option<LocationLayout>,
}

#[derive(Clone, Debug)]
pub(super) struct NodeLayout {
    pub fields: usize,
    pub kind: usize,
    pub name: usize,
    pub id: usize,
    pub self_size: usize,
    pub edge_count: usize,
    /// Not in every V8's files.
    pub detachedness: Option<usize>,
    pub kinds: Vec<NodeType>,
}

#[derive(Clone, Debug)]
pub(super) struct EdgeLayout {
    pub fields: usize,
    pub kind: usize,
    pub name_or_index: usize,
    pub to_node: usize,
    pub kinds: Vec<EdgeType>,
}

#[derive(Clone, Debug)]
pub(super) struct LocationLayout {
    pub fields: usize,
    pub object_index: usize,
    pub script_id: usize,
    pub line: usize,
    pub column: usize,
}

/// Why a `snapshot` section is no use.
#[derive(Debug, PartialEq)]
pub(super) enum SchemaError {
    /// JSON, but without what every heap snapshot has.
    NotASnapshot(&'static str),
    Malformed(String),
}

#[derive(Deserialize)]
struct RawSnapshot {
    meta: Option<RawMeta>,
    node_count: Option<u64>,
    edge_count: Option<u64>,
    root_index: Option<u64>,
}

#[derive(Deserialize)]
struct RawMeta {
    node_fields: Option<Vec<String>>,
    node_types: Option<Vec<FieldType>>,
    edge_fields: Option<Vec<String>>,
    edge_types: Option<Vec<FieldType>>,
    location_fields: Option<Vec<String>>,
}

/// A column's type: the names of an enumeration, or a word such as `number`.
#[derive(Deserialize)]
#[serde(untagged)]
enum FieldType {
    Names(Vec<String>),
    Word(#[allow(dead_code, reason = "only told apart from a list")] String),
}

impl Meta {
    /// Reads the text of the `snapshot` section's value.
    pub(super) fn from_json(text: &[u8]) -> Result<Meta, SchemaError> {
        let raw: RawSnapshot =
            serde_json::from_slice(text).map_err(|error| SchemaError::Malformed(in_short(&error)))?;
        let meta = raw.meta.ok_or(SchemaError::NotASnapshot("`snapshot` has no `meta`"))?;
        if raw.root_index.unwrap_or(0) != 0 {
            return Err(SchemaError::Malformed("the root is not the first node".into()));
        }
        let node_fields = meta.node_fields.ok_or(SchemaError::NotASnapshot("`meta` has no `node_fields`"))?;
        let edge_fields = meta.edge_fields.ok_or(SchemaError::NotASnapshot("`meta` has no `edge_fields`"))?;
        let node_kind = offset(&node_fields, "node_fields", "type")?;
        let edge_kind = offset(&edge_fields, "edge_fields", "type")?;
        Ok(Meta {
            node_count: raw.node_count,
            edge_count: raw.edge_count,
            nodes: NodeLayout {
                fields: width(&node_fields, "node_fields")?,
                kind: node_kind,
                name: offset(&node_fields, "node_fields", "name")?,
                id: offset(&node_fields, "node_fields", "id")?,
                self_size: offset(&node_fields, "node_fields", "self_size")?,
                edge_count: offset(&node_fields, "node_fields", "edge_count")?,
                detachedness: node_fields.iter().position(|field| field == "detachedness"),
                kinds: names(meta.node_types, "node_types", node_kind, NodeType::from_name)?,
            },
            edges: EdgeLayout {
                fields: width(&edge_fields, "edge_fields")?,
                kind: edge_kind,
                name_or_index: offset(&edge_fields, "edge_fields", "name_or_index")?,
                to_node: offset(&edge_fields, "edge_fields", "to_node")?,
                kinds: names(meta.edge_types, "edge_types", edge_kind, EdgeType::from_name)?,
            },
            locations: meta.location_fields.as_deref().map(LocationLayout::new).transpose()?,
        })
    }
}

/// serde tells the value that it did not expect, and that may be a megabyte of text.
fn in_short(error: &serde_json::Error) -> String {
    const LONGEST: usize = 200;
    let words = error.to_string();
    match words.char_indices().nth(LONGEST) {
        None => words,
        Some((end, _)) => format!("{}… at line {} column {}", &words[..end], error.line(), error.column()),
    }
}

/// Whether there is more in the text of the section than V8's own words, which are of small letters, and numbers. Looks at the text and not at its
/// values, of which a JSON reader drops those that come twice.
pub(super) fn has_foreign_text(text: &[u8]) -> bool {
    const LONGEST: usize = 40;
    text.split(|byte| *byte == b'"').enumerate().any(|(index, part)| {
        let is_word = index % 2 == 1;
        is_word && part.len() > LONGEST
            || !part.iter().all(|byte| match byte {
                b'a'..=b'z' | b'_' => is_word,
                b' ' => true,
                b'0'..=b'9' | b'{' | b'}' | b'[' | b']' | b':' | b',' | b'\t' | b'\r' | b'\n' => !is_word,
                _ => false,
            })
    })
}

impl LocationLayout {
    fn new(fields: &[String]) -> Result<LocationLayout, SchemaError> {
        let offset = |name| offset(fields, "location_fields", name);
        Ok(LocationLayout {
            fields: width(fields, "location_fields")?,
            object_index: offset("object_index")?,
            script_id: offset("script_id")?,
            line: offset("line")?,
            column: offset("column")?,
        })
    }
}

fn offset(fields: &[String], list: &str, name: &str) -> Result<usize, SchemaError> {
    fields
        .iter()
        .position(|field| field == name)
        .ok_or_else(|| SchemaError::Malformed(format!("`{list}` does not name `{name}`")))
}

fn width(fields: &[String], list: &str) -> Result<usize, SchemaError> {
    if fields.len() > MAX_FIELDS {
        return Err(SchemaError::Malformed(format!("`{list}` names {} columns", fields.len())));
    }
    Ok(fields.len())
}

fn names<K>(
    types: Option<Vec<FieldType>>,
    list: &str,
    column: usize,
    kind: impl Fn(&str) -> K,
) -> Result<Vec<K>, SchemaError> {
    match types.as_deref().and_then(|types| types.get(column)) {
        Some(FieldType::Names(names)) => Ok(names.iter().map(|name| kind(name)).collect()),
        _ => Err(SchemaError::Malformed(format!("`{list}` does not list the kinds"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = r#"{"meta":{"node_fields":["name","added_later","type","id","self_size","edge_count"],
        "node_types":["string","number",["hidden","vapour","object"],"number","number","number"],
        "edge_fields":["type","name_or_index","to_node"],"edge_types":[["context","weak"],"string_or_number","node"]},
        "node_count":3,"edge_count":2,"extra_native_bytes":0}"#;

    #[test]
    fn columns_are_found_by_name_and_unknown_kinds_are_kept_apart() {
        let meta = Meta::from_json(NEW.as_bytes()).unwrap();
        assert_eq!((meta.nodes.kind, meta.nodes.name, meta.nodes.edge_count, meta.nodes.fields), (2, 0, 5, 6));
        assert_eq!(meta.nodes.kinds, [NodeType::Hidden, NodeType::Other, NodeType::Object]);
        assert_eq!(meta.edges.kinds, [EdgeType::Context, EdgeType::Weak]);
        assert!(meta.locations.is_none());
    }

    #[test]
    fn words_that_are_not_v8s_are_seen() {
        assert!(!has_foreign_text(NEW.as_bytes()));
        for text in [
            "{\"title\":\"Snapshot 1\"}",
            "{\"title\":\"https://example.com/\"}",
            "{\"a\":hunter}",
            "{\"a\":\"\\u0061\"}",
            &format!("{{\"{}\":1}}", "a".repeat(41)),
        ] {
            assert!(has_foreign_text(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let without = |from: &str, to: &str| Meta::from_json(NEW.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(without("\"meta\"", "\"beta\""), SchemaError::NotASnapshot("`snapshot` has no `meta`"));
        let malformed = |text: &str| SchemaError::Malformed(text.into());
        assert_eq!(without("self_size", "size"), malformed("`node_fields` does not name `self_size`"));
        assert_eq!(without("[\"context\",\"weak\"]", "\"number\""), malformed("`edge_types` does not list the kinds"));
        assert_eq!(without("\"node_count\":3", "\"root_index\":6"), malformed("the root is not the first node"));
        // Not with all of what stands in the place of a number.
        let long = without(":3", &format!(":\"{}\"", "é".repeat(100_000)));
        let SchemaError::Malformed(reason) = long else { panic!("{long:?}") };
        assert!(reason.starts_with("invalid type: string \"éé") && reason.len() < 500, "{reason}");
    }
}
