//! One column of a block: how it is coded, how wide it is, and its bytes, packed or not.

use std::io;

use super::coding::Coding;
use super::planes;
use super::{BLOCK_TEXT, Fault};

/// Coding, packing, width, a zero; four bytes of length; eight of `base`.
pub const HEAD: usize = 16;

const STORED: u8 = 0;
const ZSTD: u8 = 1;

/// As many bytes as a chunk ever has: [`super::BLOCK_ROWS`] numbers of eight, or a block's text.
const LARGEST: usize = BLOCK_TEXT;

/// Packs chunks, one after the other, with one set of tables.
pub struct Packer {
    zstd: zstd::bulk::Compressor<'static>,
    plain: Vec<u8>,
    packed: Vec<u8>,
    /// Nothing is to be packed: see [`super::writer`].
    pub spread: bool,
}

impl Packer {
    pub fn new(level: i32) -> io::Result<Packer> {
        Ok(Packer {
            zstd: zstd::bulk::Compressor::new(level)?,
            plain: Vec::with_capacity(LARGEST),
            packed: Vec::with_capacity(zstd::zstd_safe::compress_bound(LARGEST)),
            spread: false,
        })
    }

    /// Numbers, coded already.
    pub fn numbers(&mut self, coding: Coding, base: u64, codes: &[u64], out: &mut Vec<u8>) -> io::Result<()> {
        const SPREAD: usize = 4;
        let width = planes::width_of(codes).max(if self.spread { SPREAD } else { 0 });
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear();
        planes::split(codes, width, &mut plain);
        let done = self.put([coding as u8, width as u8], base, &plain, out);
        self.plain = plain;
        done
    }

    /// Bytes that are no numbers, or numbers of one byte.
    pub fn bytes(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.put([Coding::Plain as u8, 1], 0, bytes, out)
    }

    fn put(&mut self, [coding, width]: [u8; 2], base: u64, plain: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut chosen = (STORED, plain);
        if !self.spread && !plain.is_empty() {
            self.zstd.compress_to_buffer(plain, &mut self.packed)?;
            if self.packed.len() < plain.len() {
                chosen = (ZSTD, &self.packed);
            }
        }
        let (packing, bytes) = chosen;
        out.extend_from_slice(&[coding, packing, width, 0]);
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        out.extend_from_slice(&base.to_le_bytes());
        out.extend_from_slice(bytes);
        Ok(())
    }
}

/// Takes the chunks off a block's body, in their order.
pub struct Unpacker {
    zstd: zstd::bulk::Decompressor<'static>,
    /// Room for the largest chunk there is.
    plain: Vec<u8>,
}

/// A column as it came, to be undone by whoever knows how.
pub struct Numbers {
    pub coding: Coding,
    pub base: u64,
}

struct Head<'b> {
    coding: Coding,
    packing: u8,
    width: usize,
    base: u64,
    bytes: &'b [u8],
}

impl Unpacker {
    pub fn new() -> io::Result<Unpacker> {
        Ok(Unpacker { zstd: zstd::bulk::Decompressor::new()?, plain: vec![0; LARGEST] })
    }

    /// Numbers, coded still, into `codes`.
    pub fn numbers(&mut self, body: &mut &[u8], rows: usize, codes: &mut Vec<u64>) -> Result<Numbers, Fault> {
        let Head { coding, packing, width, base, bytes } = take(body)?;
        if width > 8 {
            return Err(Fault::Malformed(format!("a column is {width} bytes wide")));
        }
        let plain = unpack(&mut self.zstd, &mut self.plain, packing, bytes, rows * width)?;
        planes::join(plain, rows, width, codes);
        Ok(Numbers { coding, base })
    }

    /// As many bytes.
    pub fn bytes<'p, 'b: 'p>(&'p mut self, body: &mut &'b [u8], rows: usize) -> Result<&'p [u8], Fault> {
        let Head { coding, packing, width, bytes, .. } = take(body)?;
        if coding != Coding::Plain || width != 1 {
            return Err("a column of bytes is coded".into());
        }
        unpack(&mut self.zstd, &mut self.plain, packing, bytes, rows)
    }
}

fn take<'b>(body: &mut &'b [u8]) -> Result<Head<'b>, Fault> {
    const SHORT: Fault = Fault::Damaged("a column ends early");
    let (head, rest) = body.split_first_chunk::<HEAD>().ok_or(SHORT)?;
    let [coding, packing, width, _, length @ .., _, _, _, _, _, _, _, _] = *head;
    let base = head.last_chunk().map_or(0, |base| u64::from_le_bytes(*base));
    let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(length) as usize).ok_or(SHORT)?;
    let coding =
        Coding::of(coding).ok_or_else(|| Fault::Malformed(format!("a column has coding {coding}, which is none")))?;
    *body = rest;
    Ok(Head { coding, packing, width: width.into(), base, bytes })
}

/// `length` is what a block may hold, and never more than [`LARGEST`].
fn unpack<'p>(
    zstd: &mut zstd::bulk::Decompressor<'static>,
    plain: &'p mut [u8],
    packing: u8,
    bytes: &'p [u8],
    length: usize,
) -> Result<&'p [u8], Fault> {
    const LENGTH: Fault = Fault::Damaged("a column has another length than its rows");
    match packing {
        STORED if bytes.len() == length => Ok(bytes),
        STORED => Err(LENGTH),
        ZSTD => {
            let plain = plain.get_mut(..length).ok_or(LENGTH)?;
            // What unpacks to more than there is room for is an error of zstd's.
            let unpacked = zstd
                .decompress_to_buffer(bytes, &mut *plain)
                .map_err(|_| Fault::Damaged("a column cannot be decompressed"))?;
            if unpacked == length { Ok(plain) } else { Err(LENGTH) }
        }
        other => Err(Fault::Malformed(format!("a column has packing {other}, which is none"))),
    }
}
