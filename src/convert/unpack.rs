//! Writes a snapshot as the plain text that Chrome DevTools opens.

use super::Written;
use super::columns::{is_columns, write_text};
use super::input::Input;
use super::output::{Partial, at};
use crate::hunt::{Aborted, FileProgress, HuntError};
use std::io::Write;
use std::path::Path;

/// Unpacks `input` (zstd, gzip, plain or `.lhgraph`, told by its first bytes) to `output`. A file that is there already is left alone, and
/// whatever goes wrong leaves nothing behind.
pub fn unpack(
    input: &Path,
    output: &Path,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<Written, HuntError> {
    if is_columns(input) {
        let partial = Partial::create(output)?;
        write_text(input, &partial, &mut partial.file(), false, aborted, tell)?;
        return partial.publish(output);
    }
    let source = Input::open(input)?;
    let partial = Partial::create(output)?;
    source.each_piece(aborted, tell, &mut |piece| partial.file().write_all(piece).map_err(at(partial.path())))?;
    partial.publish(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const TEXT: &[u8] = b"{\"snapshot\":{}}";

    fn run(input: &Path, output: &Path) -> Result<Written, HuntError> {
        unpack(input, output, &Aborted::default(), &mut |_| {})
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_packing_gives_the_same_text_to_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let zst = zstd::encode_all(TEXT, 1).unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(TEXT).unwrap();
        for (i, packed) in [zst, gz.finish().unwrap(), TEXT.to_vec()].into_iter().enumerate() {
            let (input, output) = (dir.path().join(format!("{i}.in")), dir.path().join(format!("{i}.out")));
            std::fs::write(&input, packed).unwrap();
            assert_eq!(run(&input, &output).unwrap().bytes, TEXT.len() as u64);
            assert_eq!(std::fs::read(&output).unwrap(), TEXT);
            assert_eq!(output.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(names(dir.path()).iter().all(|name| !name.ends_with(".partial")));
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (input, output) = (dir.path().join("in"), dir.path().join("out"));
        std::fs::write(&input, TEXT).unwrap();
        std::fs::write(&output, "mine").unwrap();
        assert_eq!(run(&input, &output).unwrap_err().code(), "ERR_LEAKHUNT_FILE_EXISTS");
        assert_eq!(std::fs::read(&output).unwrap(), b"mine");
    }

    #[test]
    fn bad_input_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let whole = zstd::encode_all(&TEXT.repeat(10_000)[..], 1).unwrap();
        for (bad, place) in [(&whole[..whole.len() - 5], "byte"), (&b""[..], "empty"), (&b"[1, 2]"[..], "byte 0")] {
            let input = dir.path().join("in");
            std::fs::write(&input, bad).unwrap();
            let error = run(&input, &dir.path().join("out")).unwrap_err().to_string();
            assert!(error.contains("in: ") && error.contains(place) && !error.contains('\n'), "{error}");
            assert_eq!(names(dir.path()), ["in"]);
        }
        assert!(run(dir.path(), &dir.path().join("out")).unwrap_err().to_string().contains("directory"));
        let device = run("/dev/zero".as_ref(), &dir.path().join("out")).unwrap_err().to_string();
        assert!(device.ends_with("it is not a regular file"), "{device}");
    }

    #[test]
    fn a_file_that_is_made_to_fill_the_disk_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in");
        let text = std::io::Read::chain(TEXT, std::io::Read::take(std::io::repeat(b' '), 80 << 20));
        zstd::stream::copy_encode(text, std::fs::File::create(&input).unwrap(), 1).unwrap();
        let error = run(&input, &dir.path().join("out")).unwrap_err().to_string();
        assert!(error.contains("made to fill memory") && !error.contains('\n'), "{error}");
        assert_eq!(names(dir.path()), ["in"]);
    }

    #[test]
    fn an_aborted_unpack_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in");
        std::fs::write(&input, TEXT).unwrap();
        let aborted = Aborted::default();
        aborted.set();
        let error = unpack(&input, &dir.path().join("out"), &aborted, &mut |_| {}).unwrap_err();
        assert_eq!(error.code(), "ERR_LEAKHUNT_ABORTED");
        assert_eq!(names(dir.path()), ["in"]);
    }
}
