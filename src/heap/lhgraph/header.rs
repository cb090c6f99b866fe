//! What stands at the beginning of a file: what it is, who wrote it, and what is to come.

use super::block::checksum;
use super::{Fault, MAGIC, VERSION};
use crate::heap::totals::MAX_ROWS;

/// Of the file, and promised of what follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whether the contents of strings have been taken out.
    pub redacted: bool,
    /// When the heap was as it is here, in milliseconds since 1970; 0 where that is not known.
    pub taken_at_ms: u64,
    /// The program that wrote it, with its version.
    pub writer: String,
    pub nodes: u64,
    pub edges: u64,
    pub places: u64,
    pub locations: u64,
    pub attachments: u64,
    pub strings: u64,
}

const REDACTED: u32 = 1;
/// Up to the length of the writer's name, and with it.
const FIXED: usize = MAGIC.len() + 4 + 4 + 7 * 8 + 2;
const LONGEST_NAME: usize = 256;
/// A file that ends within so many bytes ends in its header.
pub const LONGEST: usize = FIXED + LONGEST_NAME + 4;
/// Where the version stands.
pub const VERSION_AT: u64 = MAGIC.len() as u64;

/// Why there is no header.
pub(super) enum NoHeader {
    Short,
    Version(u32),
    Fault(Fault),
}

impl Header {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&(if self.redacted { REDACTED } else { 0 }).to_le_bytes());
        let counts = [self.nodes, self.edges, self.places, self.locations, self.attachments, self.strings];
        for number in std::iter::once(self.taken_at_ms).chain(counts) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let end = (0..=self.writer.len().min(LONGEST_NAME)).rev().find(|&end| self.writer.is_char_boundary(end));
        let writer = &self.writer[..end.unwrap_or(0)];
        out.extend_from_slice(&(writer.len() as u16).to_le_bytes());
        out.extend_from_slice(writer.as_bytes());
        out.extend_from_slice(&checksum(&[&out]).to_le_bytes());
        out
    }

    /// The header that `bytes` begin with, and how long it is. The magic has been seen.
    pub(super) fn read(bytes: &[u8]) -> Result<(Header, usize), NoHeader> {
        let word = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word));
        let long = |at: usize| bytes.get(at..)?.first_chunk().map(|long| u64::from_le_bytes(*long));
        let at = MAGIC.len();
        let version = word(at).ok_or(NoHeader::Short)?;
        if version != VERSION {
            return Err(NoHeader::Version(version));
        }
        let length = bytes.get(FIXED - 2..).and_then(|rest| rest.first_chunk());
        let length = usize::from(u16::from_le_bytes(*length.ok_or(NoHeader::Short)?));
        if length > LONGEST_NAME {
            return Err(NoHeader::Fault("the writer's name is too long".into()));
        }
        let end = FIXED + length;
        let sum = word(end).ok_or(NoHeader::Short)?;
        if sum != checksum(&[&bytes[..end]]) {
            return Err(NoHeader::Fault(Fault::Damaged("its checksum is another")));
        }
        let flags = word(at + 4).unwrap_or(0);
        if flags & !REDACTED != 0 {
            return Err(NoHeader::Fault(Fault::Malformed(format!("flags {flags:#x} are not known"))));
        }
        let number = |index: usize| long(at + 8 + 8 * index).unwrap_or(0);
        let writer = std::str::from_utf8(&bytes[FIXED..end])
            .map_err(|_| NoHeader::Fault("the writer's name is no UTF-8".into()))?;
        let header = Header {
            redacted: flags & REDACTED != 0,
            taken_at_ms: number(0),
            writer: writer.to_owned(),
            nodes: number(1),
            edges: number(2),
            places: number(3),
            locations: number(4),
            attachments: number(5),
            strings: number(6),
        };
        header.check().map_err(NoHeader::Fault)?;
        Ok((header, end + 4))
    }

    /// What no graph has.
    fn check(&self) -> Result<(), Fault> {
        let counts = [self.nodes, self.edges, self.places, self.locations, self.attachments, self.strings];
        if let Some(most) = counts.into_iter().find(|count| *count > MAX_ROWS) {
            return Err(Fault::Malformed(format!("{most} rows, and there are {MAX_ROWS} at most")));
        }
        if self.nodes == 0 {
            return Err("there are no nodes".into());
        }
        Ok(())
    }
}
