//! The text of a snapshot file in pieces, whatever it is packed in.

use super::output::at;
use crate::heap::is_bomb;
use crate::hunt::{Aborted, FileProgress, HuntError};
use crate::os::open_regular;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

const PIECE: usize = 1 << 20;

pub struct Input<'a> {
    path: &'a Path,
    reader: Box<dyn Read>,
    /// Counts what is read of the file itself, so that progress is in its bytes.
    file: File,
    total: u64,
}

impl<'a> Input<'a> {
    /// zstd, gzip or plain, told by the first bytes.
    pub fn open(path: &'a Path) -> Result<Input<'a>, HuntError> {
        Self::try_open(path).map_err(at(path))
    }

    fn try_open(path: &'a Path) -> io::Result<Input<'a>> {
        if std::fs::metadata(path)?.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory, expected a heap snapshot"));
        }
        // A pipe would make us wait for its other end, where no cancelling reaches us.
        let (mut file, total) = open_regular(path)?;
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
        Ok(Input { path, reader, file, total })
    }

    /// Hands over all of the text, unless it is none of a snapshot's, or somebody wants to stop.
    pub fn each_piece(
        mut self,
        aborted: &Aborted,
        tell: &mut dyn FnMut(FileProgress<'_>),
        take: &mut dyn FnMut(&[u8]) -> Result<(), HuntError>,
    ) -> Result<(), HuntError> {
        let mut piece = vec![0; PIECE];
        let mut bytes = 0u64;
        loop {
            if aborted.is_set() {
                return Err(HuntError::Aborted);
            }
            let n = match self.reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(at(self.path)(told(error, bytes))),
            };
            if bytes == 0 && !piece[..n].trim_ascii_start().starts_with(b"{") {
                let error = io::Error::new(io::ErrorKind::InvalidData, "is no heap snapshot: expected `{` at byte 0");
                return Err(at(self.path)(error));
            }
            take(&piece[..n])?;
            bytes += n as u64;
            // The two handles share one position in the file.
            let done = self.file.stream_position().unwrap_or(0);
            if is_bomb(bytes, done) {
                let words = format!("is made to fill memory: {done} bytes of it have become {bytes} of text");
                return Err(at(self.path)(io::Error::new(io::ErrorKind::InvalidData, words)));
            }
            tell(FileProgress { file: self.path, done, total: self.total });
        }
    }
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

fn told(error: io::Error, offset: u64) -> io::Error {
    io::Error::new(error.kind(), format!("cannot be decompressed beyond byte {offset} of its text: {error}"))
}
