//! Scripts and maps as files: what is followed, and what hostile ones can do.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// `function ab(c)` from `open` at 3:10 of `../src/a.ts`.
const MAP: &str = r#"{"version":3,"sources":["../src/a.ts"],"names":["open","count"],"mappings":"AAAA,SAESA,GAACC"}"#;

struct App(TempDir);

impl App {
    /// `dist/a.js`, which ends with `comment`.
    fn new(comment: &str) -> Self {
        let app = App(tempfile::tempdir().unwrap());
        fs::create_dir(app.path("dist")).unwrap();
        fs::write(app.path("dist/a.js"), format!("function ab(c){{}}\n{comment}\n")).unwrap();
        app
    }

    fn linked(url: &str) -> Self {
        App::new(&format!("//# sourceMappingURL={url}"))
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        // macOS and some CI machines have a link for a temporary directory.
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn place(&self) -> Location {
        let script = self.path("dist/a.js").display().to_string();
        Location { function: "ab".into(), script, line: 1, column: 12, generated: None }
    }

    fn origin(&self) -> Option<Location> {
        let place = self.place();
        Maps::default().origins(&[&place], &Aborted::default()).remove(&place)
    }
}

#[test]
fn a_map_beside_the_script_names_function_file_and_line() {
    for (url, name) in [("a.js.map", "dist/a.js.map"), ("maps/a.map", "dist/maps/a.map"), ("../m/a.map", "m/a.map")] {
        let app = App::linked(url).with(name, MAP);
        let origin = app.origin().unwrap();
        let source = app.path(name).parent().unwrap().join("../src/a.ts");
        let expected = address::source_name(source.parent().unwrap(), "", "a.ts");
        assert_eq!((origin.function.as_str(), origin.script, origin.line, origin.column), ("open", expected, 3, 10));
        let place = app.place();
        let generated = Generated { script: place.script, line: 1, column: 12 };
        assert_eq!(origin.generated, Some(generated), "{url}");
    }
}

#[test]
fn a_module_is_named_by_a_url_and_its_source_by_a_path() {
    let app = App::linked("a.js.map").with("dist/a.js.map", MAP);
    let mut place = app.place();
    place.script = format!("file://{}", place.script);
    let origin = Maps::default().origins(&[&place], &Aborted::default()).remove(&place).unwrap();
    assert_eq!(origin.script, app.path("src/a.ts").display().to_string());
}

#[test]
fn a_map_in_the_script_itself_counts_from_there() {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(MAP);
    let app = App::linked(&format!("data:application/json;base64,{text}"));
    assert_eq!(app.origin().unwrap().script, app.path("src/a.ts").display().to_string());
}

#[test]
fn a_map_is_read_once_for_all_places_of_its_script() {
    let app = App::linked("a.js.map").with("dist/a.js.map", MAP);
    let mut maps = Maps::default();
    let place = app.place();
    assert_eq!(maps.origins(&[&place, &place], &Aborted::default()).len(), 1);
    fs::remove_file(app.path("dist/a.js.map")).unwrap();
    assert_eq!(maps.origins(&[&place], &Aborted::default()).len(), 1);
    assert_eq!(maps.bytes, MAP.len() as u64);
}

#[test]
fn an_aborted_reading_leaves_nothing_behind() {
    let app = App::linked("a.js.map").with("dist/a.js.map", MAP);
    let (mut maps, aborted, place) = (Maps::default(), Aborted::default(), app.place());
    aborted.set();
    assert!(maps.origins(&[&place], &aborted).is_empty() && maps.read.is_empty());
    assert_eq!(maps.origins(&[&place], &Aborted::default()).len(), 1);
}

#[test]
fn what_is_no_map_changes_nothing() {
    let cut = &MAP[..MAP.len() - 4];
    for text in [&b""[..], b"{}", b"[]", b"null", b"\xff\xfe\x00", &[0; 4096], cut.as_bytes()] {
        assert_eq!(App::linked("a.js.map").with("dist/a.js.map", text).origin(), None);
    }
    assert_eq!(App::new("").with("dist/a.js.map", MAP).origin(), None);
    assert_eq!(App::linked("a.js.map").origin(), None);
    let app = App::linked("a.js.map").with("dist/a.js.map", MAP);
    for script in
        ["", "a.js", "node:fs", "/", "/dev/zero", "/proc/self/mem", "https://a/a.js", "evalmachine.<anonymous>"]
    {
        let place = Location { script: script.into(), ..app.place() };
        assert!(Maps::default().origins(&[&place], &Aborted::default()).is_empty(), "{script}");
    }
    for (line, column) in [(0, 0), (2, 12), (u32::MAX, u32::MAX)] {
        let place = Location { line, column, ..app.place() };
        let found = Maps::default().origins(&[&place], &Aborted::default());
        assert!(found.values().all(|origin| origin.line < 10), "{line}:{column}");
    }
}

#[test]
fn what_lies_elsewhere_is_not_opened() {
    // Each would be a map, if it were followed.
    for (url, name) in [("../../a.map", "../a.map"), ("x/../../../a.map", "../a.map"), ("..%2f..%2fa.map", "../a.map")]
    {
        let app = App::new("");
        let inner = App(tempfile::tempdir_in(app.path("dist")).unwrap());
        fs::create_dir(inner.path("dist")).unwrap();
        fs::write(inner.path("dist/a.js"), format!("f()\n//# sourceMappingURL={url}\n")).unwrap();
        fs::write(inner.path(name), MAP).unwrap();
        assert_eq!(inner.origin(), None, "{url}");
    }
    let app = App::new("").with("other/a.map", MAP);
    for url in [app.path("other/a.map").display().to_string(), format!("file://{}", app.path("other/a.map").display())]
    {
        fs::write(app.path("dist/a.js"), format!("f()\n//# sourceMappingURL={url}\n")).unwrap();
        assert_eq!(app.origin(), None, "{url}");
    }
}

#[test]
fn what_would_never_end_is_not_read() {
    let app = App::linked("a.js.map");
    let map = app.path("dist/a.js.map");
    symlink("/dev/zero", &map).unwrap();
    assert_eq!(app.origin(), None);
    fs::remove_file(&map).unwrap();
    std::process::Command::new("mkfifo").arg(&map).status().unwrap();
    assert_eq!(app.origin(), None);
    fs::remove_file(&map).unwrap();
    fs::create_dir(&map).unwrap();
    assert_eq!(app.origin(), None);
    fs::remove_dir(&map).unwrap();
    // A gigabyte without a block on disk.
    fs::File::create(&map).unwrap().set_len(1 << 30).unwrap();
    let (mut maps, place) = (Maps::default(), app.place());
    assert!(maps.origins(&[&place], &Aborted::default()).is_empty() && maps.bytes == 0);
    // A script of a terabyte is read from its end.
    fs::File::options().write(true).open(app.path("dist/a.js")).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(app.origin(), None);
}

#[test]
fn numbers_of_a_map_are_not_believed() {
    let map = |mappings: &str| format!(r#"{{"sources":["a.ts"],"names":[],"mappings":"{mappings}"}}"#);
    // A source, a name, a line and a column that there are not; billions of lines; columns that go back.
    for mappings in ["AgggE", "AAAAggggE", "AAggggggD", "AAAD", "A+/////////f", "D,D,D"] {
        assert_eq!(App::linked("m").with("dist/m", map(mappings)).origin().filter(|o| o.line == 0), None, "{mappings}");
    }
    let lines = map(&";".repeat(8 << 20));
    assert_eq!(App::linked("m").with("dist/m", lines).origin(), None);
    let source = map("AAAA").replace("a.ts", &"a".repeat(NAME + 1));
    assert_eq!(App::linked("m").with("dist/m", source).origin(), None);
    let up = map("AAAA").replace("a.ts", "../../../../../../../../etc/passwd");
    assert_eq!(App::linked("m").with("dist/m", up).origin().unwrap().script, "/etc/passwd");
}
