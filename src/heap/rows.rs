//! Arrays of integers cut into rows: the hot loop of the reader.
//!
//! Nine bytes of ten in a snapshot are these arrays. A loop over single bytes mispredicts a branch at nearly every
//! number, since lengths vary; so a number's digits are found and weighed eight at a time in one machine word. Whatever
//! the quick way does not expect (the last bytes of a chunk, blanks, very long numbers, the closing bracket, an error)
//! goes through a plain state machine, byte by byte, which also remembers everything between chunks.

use super::schema::MAX_FIELDS;

/// A row is the first `fields` of these.
pub(super) type Row = [u64; MAX_FIELDS];

/// Reads one array, from behind its `[` to its `]`.
#[derive(Clone, Debug)]
pub(super) struct RowScanner {
    row: Row,
    fields: usize,
    column: usize,
    expect: Expect,
    rows: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    /// A number, or the end of an array without any.
    ValueOrEnd,
    Value,
    /// More digits, or whatever may follow a number.
    Digit,
    Separator,
}

/// What stopped the scanner, and at which byte of the chunk.
#[derive(Debug)]
pub(super) enum Stop<E> {
    Text { at: usize, reason: &'static str },
    Row { at: usize, error: E },
}

impl RowScanner {
    pub fn new(fields: usize) -> RowScanner {
        RowScanner { row: [0; MAX_FIELDS], fields, column: 0, expect: Expect::ValueOrEnd, rows: 0 }
    }

    /// For a piece of an array that begins with a row, and not with the array's first.
    pub fn amid(fields: usize) -> RowScanner {
        RowScanner { expect: Expect::Value, ..RowScanner::new(fields) }
    }

    /// Complete rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many commas from here the next row begins, inside of the array: 0 where it begins here.
    pub fn commas_to_next_row(&self) -> Option<usize> {
        match (self.expect, self.column) {
            (Expect::ValueOrEnd, _) => None,
            (Expect::Value, 0) => Some(0),
            _ => Some(self.fields - self.column),
        }
    }

    /// Counts rows that somebody else has read, from where one row ends to where another does.
    pub fn pass_over(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// Reads a chunk. `Some(n)`: the array closed, and the chunk's bytes from `n` on come after it.
    #[inline]
    pub fn feed<E>(
        &mut self,
        bytes: &[u8],
        mut emit: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Option<usize>, Stop<E>> {
        let mut at = 0;
        while at < bytes.len() {
            if self.column == 0 && self.expect == Expect::Value {
                // A constant width lets the compiler unroll the row. These are the widths that V8 has written.
                match self.fields {
                    3 => self.quick::<3, E>(bytes, &mut at, &mut emit)?,
                    4 => self.quick::<4, E>(bytes, &mut at, &mut emit)?,
                    5 => self.quick::<5, E>(bytes, &mut at, &mut emit)?,
                    6 => self.quick::<6, E>(bytes, &mut at, &mut emit)?,
                    7 => self.quick::<7, E>(bytes, &mut at, &mut emit)?,
                    _ => {}
                }
                if at == bytes.len() {
                    break;
                }
            }
            if self.step(bytes[at], at, &mut emit)? {
                return Ok(Some(at + 1));
            }
            at += 1;
        }
        Ok(None)
    }

    /// Whole rows, as long as they come in the plainest form; leaves `at` before the first that does not.
    #[inline]
    fn quick<const FIELDS: usize, E>(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        emit: &mut impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        'rows: loop {
            let mut next = *at;
            for column in 0..FIELDS {
                let Some(text) = bytes.get(next..) else { break 'rows };
                let short = if is_short(FIELDS, column) { digit(text) } else { None };
                let Some((value, length)) = short.or_else(|| number(text)) else { break 'rows };
                self.row[column] = value;
                next += length;
                // V8 ended rows with a line break up to Node 22, before the comma.
                next += match bytes.get(next..next + 2) {
                    Some([b',', _]) => 1,
                    Some(b"\n,") => 2,
                    _ => break 'rows,
                };
            }
            emit(&self.row).map_err(|error| Stop::Row { at: *at, error })?;
            self.rows += 1;
            *at = next;
        }
        Ok(())
    }

    /// One byte; true if it closed the array.
    fn step<E>(&mut self, byte: u8, at: usize, emit: &mut impl FnMut(&Row) -> Result<(), E>) -> Result<bool, Stop<E>> {
        let text = |reason| Stop::Text { at, reason };
        match (self.expect, byte) {
            (Expect::Digit, b'0'..=b'9') => {
                let value = &mut self.row[self.column];
                *value = value
                    .checked_mul(10)
                    .and_then(|value| value.checked_add(u64::from(byte - b'0')))
                    .ok_or(text("a number does not fit 64 bits"))?;
            }
            (Expect::Value | Expect::ValueOrEnd, b'0'..=b'9') => {
                self.row[self.column] = u64::from(byte - b'0');
                self.expect = Expect::Digit;
            }
            (Expect::Digit | Expect::Separator, b',') => {
                self.end_of_value(at, emit)?;
                self.expect = Expect::Value;
            }
            (Expect::Digit | Expect::Separator, b']') => {
                self.end_of_value(at, emit)?;
                return if self.column == 0 { Ok(true) } else { Err(text("the last row is not complete")) };
            }
            (Expect::ValueOrEnd, b']') => return Ok(true),
            (Expect::Digit, b' ' | b'\t' | b'\r' | b'\n') => self.expect = Expect::Separator,
            (_, b' ' | b'\t' | b'\r' | b'\n') => {}
            (Expect::Value | Expect::ValueOrEnd, _) => return Err(text("expected a number")),
            (Expect::Digit | Expect::Separator, _) => return Err(text("expected a comma after a number")),
        }
        Ok(false)
    }

    fn end_of_value<E>(&mut self, at: usize, emit: &mut impl FnMut(&Row) -> Result<(), E>) -> Result<(), Stop<E>> {
        self.column += 1;
        if self.column == self.fields {
            self.column = 0;
            emit(&self.row).map_err(|error| Stop::Row { at, error })?;
            self.rows += 1;
        }
        Ok(())
    }
}

/// Columns in which V8 writes a single digit nearly always: the kind of an edge, and of a node what nobody tracks. (What else it might be costs a
/// mispredicted branch, and no more.)
const fn is_short(fields: usize, column: usize) -> bool {
    matches!((fields, column), (3, 0) | (7, 5..))
}

/// The number at the start of `text` if it is a single digit.
#[inline(always)]
fn digit(text: &[u8]) -> Option<(u64, usize)> {
    match text {
        [digit @ b'0'..=b'9', b',' | b'\n', ..] => Some((u64::from(digit - b'0'), 1)),
        _ => None,
    }
}

/// The number at the start of `bytes` and how many digits it has, if it has 1 to 15 and enough bytes follow to see so.
#[inline(always)]
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let (value, length) = up_to_eight_digits(*bytes.first_chunk()?);
    if length < 8 {
        return (length > 0).then_some((value, length));
    }
    let (low, more) = up_to_eight_digits(*bytes[8..].first_chunk()?);
    const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    Some((value * POWERS.get(more)? + low, 8 + more))
}

/// The value of the digits that a word begins with, and how many they are.
#[inline(always)]
fn up_to_eight_digits(word: [u8; 8]) -> (u64, usize) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Digits become 0 to 9, in the order of the text from the lowest byte up.
    let digits = u64::from_le_bytes(word) ^ (EACH * 0x30);
    // The top bit of every byte that is more than 9; bytes cannot carry into each other.
    let others = (((digits & (EACH * 0x7f)) + EACH * 0x76) | digits) & (EACH * 0x80);
    let length = (others.trailing_zeros() / 8) as usize;
    if length == 0 {
        return (0, 0);
    }
    // Move the last digit to the top byte: leading zeros come in below, and what followed the number falls out.
    let digits = digits << (64 - 8 * length);
    // Add neighbours up: to pairs, then (by two multiplications whose upper halves collect the sums) to all eight.
    let pairs = digits * 10 + (digits >> 8);
    const EVERY_OTHER_PAIR: u64 = 0x0000_00ff_0000_00ff;
    let first = (pairs & EVERY_OTHER_PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & EVERY_OTHER_PAIR).wrapping_mul(1 + (10_000 << 32));
    (first.wrapping_add(second) >> 32, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(chunks: &[&[u8]], fields: usize) -> Result<(Vec<Vec<u64>>, Option<usize>), String> {
        let mut scanner = RowScanner::new(fields);
        let mut rows = Vec::new();
        for chunk in chunks {
            let fed = scanner.feed(chunk, |row| {
                rows.push(row[..fields].to_vec());
                Ok::<(), ()>(())
            });
            match fed {
                Ok(None) => {}
                Ok(end) => return Ok((rows, end)),
                Err(Stop::Text { at, reason }) => return Err(format!("{at}: {reason}")),
                Err(Stop::Row { .. }) => unreachable!("no row was refused"),
            }
        }
        Ok((rows, None))
    }

    proptest! {
        #[test]
        fn any_numbers_in_any_chunks_are_the_same_rows(
            rows in prop::collection::vec(prop::collection::vec(
                prop_oneof![0u64..100, any::<u64>(), (0u32..64).prop_map(|bits| 1u64 << bits)], 3), 1..20),
            layout in 0usize..3,
            cut in any::<prop::sample::Index>(),
        ) {
            let (between, after_row) = [(",", ","), (",", "\n,"), (" ,\t", "\r\n , ")][layout];
            let lines: Vec<String> =
                rows.iter().map(|row| row.iter().map(u64::to_string).collect::<Vec<_>>().join(between)).collect();
            let text = lines.join(after_row) + "]}";
            let cut = cut.index(text.len() - 1);
            let (head, tail) = text.as_bytes().split_at(cut);
            let (read, end) = scan(&[head, tail], 3).unwrap();
            prop_assert_eq!(&read, &rows);
            prop_assert_eq!(end, Some(tail.len() - 1));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), fields in 1usize..9) {
            let _ = scan(&[&bytes], fields);
        }
    }

    #[test]
    fn errors_name_the_byte() {
        let error = |text: &str| scan(&[text.as_bytes()], 3).unwrap_err();
        assert_eq!(error("1,2,3,4,5]"), "9: the last row is not complete");
        assert_eq!(error("1,2,-3]"), "4: expected a number");
        assert_eq!(error("1,2 3]"), "4: expected a comma after a number");
        assert_eq!(error("1,2,3,]"), "6: expected a number");
        assert_eq!(error("18446744073709551616"), "19: a number does not fit 64 bits");
        assert_eq!(scan(&[b" ] "], 3).unwrap(), (vec![], Some(2)));
    }
}
