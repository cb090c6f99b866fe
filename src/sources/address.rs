//! Which file is meant: scripts as V8 names them, maps as scripts name them, sources as maps do.

use percent_encoding::percent_decode_str;
use std::path::{Component, Path, PathBuf};

/// The file of a script: a path from the root, or a `file:` URL, as ES modules have.
pub fn script_file(script: &str) -> Option<PathBuf> {
    let path = match script.strip_prefix("file://") {
        // What follows `?` tells two copies of a module apart.
        Some(url) => decoded(url.split(['?', '#']).next()?)?,
        None => script.to_owned(),
    };
    (path.starts_with('/') && !path.contains('\0')).then(|| PathBuf::from(path))
}

/// A map lies beside its script, below its folder, or in a folder beside that (`../maps/a.js.map`). What leads elsewhere is not
/// followed: whoever could write the script would choose what is read.
pub fn map_file(script: &Path, url: &str) -> Option<PathBuf> {
    if scheme(url).is_some() || url.starts_with('/') {
        return None;
    }
    let url = PathBuf::from(decoded(url)?);
    let folder = script.parent()?;
    let mut file = folder.to_path_buf();
    let mut parts = url.components().filter(|part| *part != Component::CurDir).peekable();
    if parts.next_if_eq(&Component::ParentDir).is_some() {
        file = folder.parent()?.to_path_buf();
    }
    for part in parts {
        match part {
            Component::Normal(name) => file.push(name),
            _ => return None,
        }
    }
    Some(file)
}

/// A source, as it is shown: from the map's folder where it is a path, and as it stands where it has a scheme of its own
/// (`webpack://app/./src/a.ts`). `/app/dist/../src/a.ts` is `/app/src/a.ts`.
pub fn source_name(folder: &Path, root: &str, source: &str) -> String {
    let source = match root {
        "" => source.to_owned(),
        _ if source.starts_with('/') || scheme(source).is_some() => source.to_owned(),
        _ => format!("{}/{source}", root.trim_end_matches('/')),
    };
    if let Some(file) = source.starts_with("file:").then(|| script_file(&source)).flatten() {
        return file.display().to_string();
    }
    if scheme(&source).is_some() {
        return source;
    }
    let mut path = PathBuf::new();
    for part in folder.join(&source).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.display().to_string()
}

/// `webpack` of `webpack://a`.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_letter)).then_some(scheme)
}

fn decoded(url: &str) -> Option<String> {
    let text = percent_decode_str(url).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_files_where_they_have_a_path_from_the_root() {
        for (script, file) in [
            ("/app/a.js", Some("/app/a.js")),
            ("/app/a%20b.js", Some("/app/a%20b.js")),
            ("file:///app/a%20b.mjs?v=2#x", Some("/app/a b.mjs")),
            ("file://host/app/a.mjs", None),
            ("file:///app/%ff.mjs", None),
            ("file:///app/a%00.mjs", None),
            ("https://a/b.js", None),
            ("node:fs", None),
            ("evalmachine.<anonymous>", None),
            ("a.js", None),
            ("", None),
        ] {
            assert_eq!(script_file(script), file.map(PathBuf::from), "{script}");
        }
    }

    #[test]
    fn maps_are_followed_near_their_script_only() {
        for (url, file) in [
            ("a.js.map", Some("/app/dist/a.js.map")),
            ("./maps/a.js.map", Some("/app/dist/maps/a.js.map")),
            ("../maps/a%20b.js.map", Some("/app/maps/a b.js.map")),
            (".//../maps/a.js.map", Some("/app/maps/a.js.map")),
            ("../../etc/a.map", None),
            ("../../../../etc/passwd", None),
            ("..%2f..%2fetc/passwd", None),
            ("maps/../../a.map", None),
            ("/etc/passwd", None),
            ("%2fetc/passwd", None),
            ("//host/a.map", None),
            ("https://host/a.map", None),
            ("file:///etc/passwd", None),
            ("a%00.map", None),
        ] {
            assert_eq!(map_file(Path::new("/app/dist/a.js"), url), file.map(PathBuf::from), "{url}");
        }
        assert_eq!(map_file(Path::new("/a.js"), "../a.map"), None);
    }

    #[test]
    fn sources_are_shown_from_the_folder_of_their_map() {
        for (root, source, shown) in [
            ("", "../src/a.ts", "/app/src/a.ts"),
            ("", "./a.ts", "/app/dist/a.ts"),
            ("../", "src/a.ts", "/app/src/a.ts"),
            ("../src/", "/other/a.ts", "/other/a.ts"),
            ("", "file:///other/a%20b.ts", "/other/a b.ts"),
            ("", "webpack://app/./src/a.ts", "webpack://app/./src/a.ts"),
            ("webpack://app/", "./src/a.ts", "webpack://app/./src/a.ts"),
            ("", "../../../../../a.ts", "/a.ts"),
        ] {
            assert_eq!(source_name(Path::new("/app/dist"), root, source), shown, "{root} {source}");
        }
    }
}
