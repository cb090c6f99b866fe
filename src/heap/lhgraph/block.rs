//! A block as it lies in the file: sixteen bytes that say what it is, and its body.

use super::Section;

/// Section, rows, bytes of the body, checksum; four bytes each.
pub const HEAD: usize = 16;

/// No body is longer: five columns of eight bytes for each row, and what stands before them.
pub const LONGEST_BODY: usize = (5 << 20) + 1024;

/// CRC-32 (ISO-HDLC, as in gzip).
pub fn checksum(parts: &[&[u8]]) -> u32 {
    let mut sum = flate2::Crc::new();
    parts.iter().for_each(|part| sum.update(part));
    sum.sum()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHead {
    /// A number that is no section's of this version is one of a later.
    pub section: u32,
    pub rows: u32,
    pub length: u32,
    pub checksum: u32,
}

impl BlockHead {
    pub fn of(section: Section, rows: usize, body: &[u8]) -> BlockHead {
        let mut head = BlockHead { section: section as u32, rows: rows as u32, length: body.len() as u32, checksum: 0 };
        head.checksum = head.checksum_with(body);
        head
    }

    /// Over what the head says, and the body.
    pub fn checksum_with(&self, body: &[u8]) -> u32 {
        checksum(&[&self.bytes()[..HEAD - 4], body])
    }

    pub fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        for (place, number) in bytes.chunks_exact_mut(4).zip([self.section, self.rows, self.length, self.checksum]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub fn read(bytes: &[u8; HEAD]) -> BlockHead {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        BlockHead { section: word(0), rows: word(4), length: word(8), checksum: word(12) }
    }
}
