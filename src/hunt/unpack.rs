//! Writes a snapshot as the plain text that Chrome DevTools opens.

use super::files::{Aborted, FileProgress, HuntError};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const PIECE: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unpacked {
    pub path: String,
    pub bytes: u64,
}

/// Unpacks `input` (zstd, gzip or plain, told by its first bytes) to `output`. A file that is there already is left alone, and
/// whatever goes wrong leaves nothing behind: the text goes to `output.partial`, which becomes `output` once it is on the disk.
/// What is in a heap is nobody else's business, so only the owner may read it.
pub fn unpack(
    input: &Path,
    output: &Path,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<Unpacked, HuntError> {
    if output.symlink_metadata().is_ok() {
        return Err(HuntError::Exists { path: output.to_path_buf() });
    }
    let source = open(input).map_err(at(input))?;
    let partial = Partial::create(output).map_err(at(&partial_name(output)))?;
    let bytes = copy(source, input, &partial, aborted, tell)?;
    partial.publish(output)?;
    Ok(Unpacked { path: output.display().to_string(), bytes })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> HuntError + '_ {
    move |source| HuntError::Io { path: path.to_path_buf(), source }
}

fn partial_name(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

struct Input {
    reader: Box<dyn Read>,
    /// Counts what is read of the file itself, so that progress is in its bytes.
    file: File,
    total: u64,
}

fn open(input: &Path) -> io::Result<Input> {
    let mut file = File::open(input)?;
    let facts = file.metadata()?;
    if facts.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory, expected a heap snapshot"));
    }
    let mut magic = [0; 4];
    let known = read_up_to(&mut file, &mut magic)?;
    file.rewind()?;
    let counted = BufReader::with_capacity(PIECE, file.try_clone()?);
    let reader: Box<dyn Read> = match &magic[..known] {
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(counted)?),
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(counted)),
        [] => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "is empty, expected a heap snapshot")),
        _ => Box::new(counted),
    };
    Ok(Input { reader, file, total: facts.len() })
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read(&mut buffer[done..])? {
            0 => break,
            n => done += n,
        }
    }
    Ok(done)
}

fn copy(
    mut input: Input,
    path: &Path,
    to: &Partial,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<u64, HuntError> {
    let mut piece = vec![0; PIECE];
    let mut bytes = 0u64;
    loop {
        if aborted.is_set() {
            return Err(HuntError::Aborted);
        }
        let n = match input.reader.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(HuntError::Io { path: path.to_path_buf(), source: told(error, bytes) }),
        };
        if bytes == 0 && !piece[..n].trim_ascii_start().starts_with(b"{") {
            let error = io::Error::new(io::ErrorKind::InvalidData, "is no heap snapshot: expected `{` at byte 0");
            return Err(HuntError::Io { path: path.to_path_buf(), source: error });
        }
        (&to.file).write_all(&piece[..n]).map_err(at(&to.path))?;
        bytes += n as u64;
        // The two handles share one position in the file.
        let done = input.file.stream_position().unwrap_or(0);
        tell(FileProgress { file: path, done, total: input.total });
    }
}

fn told(error: io::Error, offset: u64) -> io::Error {
    io::Error::new(error.kind(), format!("cannot be decompressed beyond byte {offset} of its text: {error}"))
}

/// The unfinished output: gone when it is dropped before it was published.
struct Partial {
    path: PathBuf,
    file: File,
    published: bool,
}

impl Partial {
    fn create(output: &Path) -> io::Result<Self> {
        let path = partial_name(output);
        // `create_new`: another unpack to the same place is not disturbed, and no link is followed.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Partial { path, file, published: false })
    }

    /// A hard link and not a rename: a rename would replace a file that has appeared meanwhile. Where links cannot be had, rename.
    fn publish(mut self, output: &Path) -> Result<(), HuntError> {
        self.file.sync_all().map_err(at(&self.path))?;
        match std::fs::hard_link(&self.path, output) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(HuntError::Exists { path: output.to_path_buf() });
            }
            Err(_) => {
                std::fs::rename(&self.path, output).map_err(at(output))?;
                self.published = true;
            }
        }
        if let Some(dir) = output.parent().filter(|dir| !dir.as_os_str().is_empty()).or(Some(Path::new("."))) {
            // The name is as lasting as the text only when the directory is on the disk too; a file system that cannot do that is no reason to fail.
            let _ = File::open(dir).and_then(|dir| dir.sync_all());
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            // Nobody is left to tell, and the answer is the same.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const TEXT: &[u8] = b"{\"snapshot\":{}}";

    fn run(input: &Path, output: &Path) -> Result<Unpacked, HuntError> {
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
