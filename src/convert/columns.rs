//! Between a `.lhgraph` and a text: one is read as a graph, and the other is written of it.

use super::output::{Partial, at};
use crate::heap::lhgraph::{GraphWriter, Header, MAGIC};
use crate::heap::{Graph, write_snapshot};
use crate::hunt::files::open;
use crate::hunt::{Aborted, FileProgress, HuntError};
use crate::os::open_regular;
use crate::redact::{RedactError, Redactor, Salt, redacted_strings};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

const ZSTD_LEVEL: i32 = 3;
const PIECE: usize = 1 << 20;

/// Whether `input` is a `.lhgraph`, whatever it is called. What cannot be read is none; whoever reads it as a text says why.
pub fn is_columns(input: &Path) -> bool {
    let mut magic = [0; MAGIC.len()];
    open_regular(input).is_ok_and(|(mut file, _)| file.read_exact(&mut magic).is_ok()) && magic == MAGIC
}

/// Reads `input` as a graph, and writes its text to `out`, redacted if that is wished.
pub fn write_text(
    input: &Path,
    partial: &Partial,
    out: &mut impl Write,
    redacted: bool,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<(), HuntError> {
    let graph = open(input, aborted, tell)?;
    let redactor = redacted.then(|| Redactor::new(Salt::of_process()));
    let mut text = BufWriter::with_capacity(PIECE, Text { redactor, out, aborted, error: None });
    let written = write_snapshot(&graph, &mut text).and_then(|()| text.flush());
    let Text { redactor, out, error, .. } = text.into_parts().0;
    let failed = |error| match error {
        RedactError::Input(source) => HuntError::Snapshot { path: input.to_path_buf(), source },
        RedactError::Output(error) => at(partial.path())(error),
    };
    match error {
        _ if aborted.is_set() => return Err(HuntError::Aborted),
        Some(error) => return Err(failed(error)),
        None => written.map_err(at(partial.path()))?,
    }
    match redactor {
        Some(redactor) => redactor.finish(out).map(drop).map_err(failed),
        None => Ok(()),
    }
}

/// Where a text goes, piece by piece, until somebody wants to stop.
struct Text<'a, W> {
    redactor: Option<Redactor>,
    out: &'a mut W,
    aborted: &'a Aborted,
    error: Option<RedactError>,
}

impl<W: Write> Write for Text<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.aborted.is_set() {
            return Err(io::ErrorKind::Other.into());
        }
        let written = match &mut self.redactor {
            Some(redactor) => redactor.feed(bytes, self.out),
            None => self.out.write_all(bytes).map_err(RedactError::Output),
        };
        written.map(|()| bytes.len()).map_err(|error| {
            self.error = Some(error);
            io::ErrorKind::Other.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads `input`, of whatever format, as a graph and writes its columns without the contents of strings.
pub fn write_redacted_columns(
    input: &Path,
    partial: &Partial,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<(), HuntError> {
    let graph = open(input, aborted, tell)?;
    let written = redacted_columns(&graph, partial, aborted);
    if aborted.is_set() { Err(HuntError::Aborted) } else { written.map_err(at(partial.path())) }
}

fn redacted_columns(graph: &Graph, partial: &Partial, aborted: &Aborted) -> io::Result<()> {
    let writer = format!("leakhunt {}", env!("CARGO_PKG_VERSION"));
    let about = Header { redacted: true, writer, ..Header::default() };
    let mut writer = GraphWriter::new(BufWriter::new(partial.file()), graph, &about, ZSTD_LEVEL)?;
    writer.rows(graph)?;
    redacted_strings(graph, Salt::of_process(), |text| {
        if aborted.is_set() { Err(io::ErrorKind::Other.into()) } else { writer.string(text) }
    })?;
    writer.finish()?.flush()
}
