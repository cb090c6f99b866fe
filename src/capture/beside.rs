//! The `.json` beside a snapshot, read again for a hunt: the process's figures at that moment.
//!
//! It lies in a directory where anybody may have put it. So it is followed nowhere, no more of it is read than a [`sidecar`](super::sidecar)
//! has, none of its text is told on, and whatever is not as expected is a reason to do without.

use crate::hunt::Moment;
use crate::os::open_regular;
use serde::Deserialize;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Ten times what a sidecar with all its classes and samples takes.
const LONGEST: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    snapshot: String,
    pid: u32,
    thread_id: u32,
    /// Null where V8 could not be asked.
    heap: Option<Heap>,
    recorded: Recorded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Heap {
    heap_total_bytes: u64,
    heap_used_bytes: u64,
    external_bytes: u64,
    malloced_bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    rss_bytes: u64,
}

/// What is written beside `snapshot`. None where nothing is; the reason where it is of no use.
pub fn moment_beside(snapshot: &Path) -> Result<Option<Moment>, String> {
    let Some((path, name)) = path_beside(snapshot) else { return Ok(None) };
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Err(format!("{}: is not a regular file", path.display())),
        _ => {}
    }
    read(&path, &name).map_err(|reason| format!("{}: {reason}", path.display()))
}

fn path_beside(snapshot: &Path) -> Option<(PathBuf, String)> {
    let name = snapshot.file_name()?.to_str()?;
    let endings = [".heapsnapshot", ".heapsnapshot.zst", ".heapsnapshot.gz", ".lhgraph"];
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending))?;
    Some((snapshot.with_file_name(format!("{stem}.json")), name.to_string()))
}

fn read(path: &Path, snapshot: &str) -> Result<Option<Moment>, String> {
    let (file, _) = open_regular(path).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > LONGEST {
        return Err(format!("is longer than {LONGEST} bytes, and no sidecar of a snapshot"));
    }
    // serde's own words may have some of the text in them.
    let document: Document = serde_json::from_slice(&text)
        .map_err(|error| format!("is no sidecar of a snapshot (line {}, column {})", error.line(), error.column()))?;
    if document.snapshot != snapshot {
        return Err("belongs to another snapshot".to_string());
    }
    Ok(document.heap.map(|heap| Moment {
        pid: document.pid,
        thread_id: document.thread_id,
        resident: document.recorded.rss_bytes,
        heap_total: heap.heap_total_bytes,
        heap_used: heap.heap_used_bytes,
        external: heap.external_bytes,
        malloced: heap.malloced_bytes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GOOD: &str = r#"{"snapshot":"a.heapsnapshot.zst","pid":7,"threadId":2,"unknown":[1,{"x":null}],
        "heap":{"heapTotalBytes":10,"externalBytes":20,"mallocedBytes":30,"heapUsedBytes":5},"recorded":{"rssBytes":40,"samples":[]}}"#;

    /// What is said of `text` beside `a.heapsnapshot.zst`.
    fn said(text: &[u8]) -> Result<Option<Moment>, String> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.json"), text).unwrap();
        moment_beside(&dir.path().join("a.heapsnapshot.zst"))
    }

    #[test]
    fn the_figures_are_those_of_the_document() {
        let moment =
            Moment { pid: 7, thread_id: 2, resident: 40, heap_total: 10, heap_used: 5, external: 20, malloced: 30 };
        assert_eq!(said(GOOD.as_bytes()), Ok(Some(moment)));
    }

    #[test]
    fn what_is_no_sidecar_is_done_without() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let long = format!("{GOOD}{}", " ".repeat(LONGEST as usize));
        let cases = [
            (String::new(), "no sidecar"),
            ("{}".into(), "no sidecar"),
            ("null".into(), "no sidecar"),
            (GOOD.replace("40", "\"40\""), "no sidecar"),
            (GOOD.replace("40", "-1"), "no sidecar"),
            (GOOD.replace("40", "1e300"), "no sidecar"),
            (GOOD.replace(r#""heap":{"#, r#""heap":[],"was":{"#), "no sidecar"),
            (GOOD[..GOOD.len() / 2].into(), "no sidecar"),
            (GOOD.replace("a.heapsnapshot.zst", "b.heapsnapshot.zst"), "another snapshot"),
            (deep, "no sidecar"),
            (long, "longer than"),
        ];
        for (text, reason) in cases {
            let said = said(text.as_bytes()).unwrap_err();
            assert!(said.contains("a.json") && said.contains(reason), "{said}");
            assert!(!said.contains("b.heapsnapshot"), "nothing of the text: {said}");
        }
        assert!(said(b"\xff\xfe{\"").is_err());
    }

    #[test]
    fn what_v8_did_not_say_is_not_known() {
        assert_eq!(said(GOOD.replace(r#""heap":{"#, r#""heap":null,"was":{"#).as_bytes()), Ok(None));
    }

    #[test]
    fn no_more_than_a_file_is_opened_and_nothing_is_no_reason() {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = dir.path().join("a.heapsnapshot");
        assert_eq!(moment_beside(&snapshot), Ok(None));
        let sidecar = dir.path().join("a.json");
        fs::create_dir(&sidecar).unwrap();
        assert!(moment_beside(&snapshot).unwrap_err().contains("regular"));
        fs::remove_dir(&sidecar).unwrap();
        fs::write(dir.path().join("elsewhere"), GOOD.replace(".zst", "")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), &sidecar).unwrap();
        assert!(moment_beside(&snapshot).unwrap_err().contains("regular"));
        assert_eq!(moment_beside(Path::new("/")), Ok(None));
        assert_eq!(moment_beside(&dir.path().join("heap.json")), Ok(None));
    }
}
