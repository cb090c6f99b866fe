//! Numbers laid out by bytes: first the lowest byte of each, then the next of each, as many as the largest needs.
//!
//! The upper bytes of neighbours are nearly always alike, so that a compressor has little to do with them.

/// Bytes that the largest of `values` needs.
pub fn width_of(values: &[u64]) -> usize {
    let all = values.iter().fold(0, |all, value| all | value);
    (u64::BITS - all.leading_zeros()).div_ceil(8) as usize
}

/// Writes `width` bytes of each value.
pub fn split(values: &[u64], width: usize, out: &mut Vec<u8>) {
    for plane in 0..width {
        out.extend(values.iter().map(|value| (value >> (8 * plane)) as u8));
    }
}

/// Puts `rows` values together from `bytes`, of which there are `width` for each.
pub fn join(bytes: &[u8], rows: usize, width: usize, values: &mut Vec<u64>) {
    values.clear();
    if rows == 0 || width == 0 {
        values.resize(rows, 0);
        return;
    }
    let (lowest, rest) = bytes.split_at(rows);
    values.extend(lowest.iter().map(|byte| u64::from(*byte)));
    for (plane, bytes) in (1..width).zip(rest.chunks_exact(rows)) {
        for (value, byte) in values.iter_mut().zip(bytes) {
            *value |= u64::from(*byte) << (8 * plane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_split_is_joined(values in prop::collection::vec(prop_oneof![0u64..300, any::<u64>()], 0..40), wider in 0usize..2) {
            let width = (width_of(&values) + wider).min(8);
            let (mut bytes, mut joined) = (Vec::new(), Vec::new());
            split(&values, width, &mut bytes);
            prop_assert_eq!(bytes.len(), values.len() * width);
            join(&bytes, values.len(), width, &mut joined);
            prop_assert_eq!(joined, values);
        }
    }

    #[test]
    fn as_many_bytes_as_the_largest_needs() {
        let widths = [vec![], vec![0], vec![1, 255], vec![0, 256], vec![u64::MAX, 3]].map(|values| width_of(&values));
        assert_eq!(widths, [0, 0, 1, 2, 8]);
    }
}
