//! Writes a snapshot without the contents of its strings.

use super::Written;
use super::columns::{is_columns, write_redacted_columns, write_text};
use super::input::Input;
use super::output::{Partial, at};
use crate::hunt::{Aborted, FileProgress, HuntError};
use crate::redact::{RedactError, Redactor, Salt};
use std::io::{BufWriter, Write};
use std::path::Path;

const ZSTD_LEVEL: i32 = 3;

/// Redacts `input` (zstd, gzip, plain or `.lhgraph`, told by its first bytes) to `output`: zstd or `.lhgraph` if it is called so, else plain. A file that is there already is left
/// alone, and whatever goes wrong leaves nothing behind. The salt is this process's.
pub fn redact(
    input: &Path,
    output: &Path,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<Written, HuntError> {
    let is = |ending: &str| output.extension().is_some_and(|extension| extension == ending);
    if is("lhgraph") {
        let partial = Partial::create(output)?;
        write_redacted_columns(input, &partial, aborted, tell)?;
        return partial.publish(output);
    }
    let from = if is_columns(input) { None } else { Some(Input::open(input)?) };
    let partial = Partial::create(output)?;
    let to = at(partial.path());
    if is("zst") {
        let mut packed = zstd::Encoder::new(partial.file(), ZSTD_LEVEL).map_err(to)?;
        pass(from, input, &partial, &mut packed, aborted, tell)?;
        packed.finish().map_err(at(partial.path()))?;
    } else {
        let mut plain = BufWriter::new(partial.file());
        pass(from, input, &partial, &mut plain, aborted, tell)?;
        plain.flush().map_err(to)?;
    }
    partial.publish(output)
}

fn pass(
    from: Option<Input<'_>>,
    input: &Path,
    partial: &Partial,
    out: &mut impl Write,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<(), HuntError> {
    let Some(source) = from else { return write_text(input, partial, out, true, aborted, tell) };
    let failed = |error| match error {
        RedactError::Input(source) => HuntError::Snapshot { path: input.to_path_buf(), source },
        RedactError::Output(error) => at(partial.path())(error),
    };
    let mut redactor = Redactor::new(Salt::of_process());
    source.each_piece(aborted, tell, &mut |piece| redactor.feed(piece, out).map_err(failed))?;
    redactor.finish(out).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const TEXT: &str = r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],
        "node_types":[["synthetic","string"],"string","number","number","number"],"edge_fields":["type","name_or_index","to_node"],
        "edge_types":[["property"],"string_or_number","node"]},"node_count":2,"edge_count":1},
        "nodes":[0,0,1,0,1,1,1,3,16,0],"edges":[0,2,5],"strings":["","secret","length"]}"#;

    fn run(input: &Path, output: &Path) -> Result<Written, HuntError> {
        redact(input, output, &Aborted::default(), &mut |_| {})
    }

    fn names(dir: &Path) -> usize {
        std::fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn every_packing_goes_in_and_two_come_out() {
        let dir = tempfile::tempdir().unwrap();
        let zst = zstd::encode_all(TEXT.as_bytes(), 1).unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(TEXT.as_bytes()).unwrap();
        let mut texts = Vec::new();
        for (i, packed) in [zst, gz.finish().unwrap(), TEXT.into()].into_iter().enumerate() {
            let input = dir.path().join(format!("{i}.in"));
            std::fs::write(&input, packed).unwrap();
            for suffix in ["heapsnapshot", "heapsnapshot.zst"] {
                let output = dir.path().join(format!("{i}.{suffix}"));
                let written = run(&input, &output).unwrap();
                let facts = output.metadata().unwrap();
                assert_eq!((written.bytes, facts.permissions().mode() & 0o777), (facts.len(), 0o600));
                let bytes = std::fs::read(&output).unwrap();
                let plain = if suffix.ends_with("zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
                texts.push(String::from_utf8(plain).unwrap());
            }
        }
        assert!(texts.iter().all(|text| *text == texts[0]), "one salt for the process");
        assert!(!texts[0].contains("secret") && texts[0].contains("[6 chars #") && texts[0].contains("length"));
    }

    #[test]
    fn what_goes_wrong_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (input, output) = (dir.path().join("in"), dir.path().join("out"));
        for bad in [&TEXT[..TEXT.len() - 4], "{\"snapshot\":{}}", "", "[]"] {
            std::fs::write(&input, bad).unwrap();
            let error = run(&input, &output).unwrap_err().to_string();
            assert!(error.contains("in: ") && !error.contains('\n'), "{error}");
            assert_eq!(names(dir.path()), 1);
        }
        std::fs::write(&input, TEXT).unwrap();
        let aborted = Aborted::default();
        aborted.set();
        assert_eq!(redact(&input, &output, &aborted, &mut |_| {}).unwrap_err().code(), "ERR_LEAKHUNT_ABORTED");
        assert_eq!(names(dir.path()), 1);
        std::fs::write(&output, "mine").unwrap();
        assert_eq!(run(&input, &output).unwrap_err().code(), "ERR_LEAKHUNT_FILE_EXISTS");
        assert_eq!(std::fs::read(&output).unwrap(), b"mine");
    }
}
