//! How the numbers of a column are told, so that most of them are small. Every coding is undone from a block and its own `base` alone.

use super::super::kinds::EdgeType;

/// The number of a coding stands before each column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Plain = 0,
    /// The difference from the one before; `base` is before the first.
    Delta = 1,
    /// Numbers that are given out in the order in which they are needed: 0 is the next new one, from `base` on, and any other is one more than itself.
    Fresh = 2,
    /// The difference from what the last edge of the same name led to: see [`Lately`].
    ByLabel = 3,
}

impl Coding {
    pub fn of(number: u8) -> Option<Coding> {
        [Coding::Plain, Coding::Delta, Coding::Fresh, Coding::ByLabel]
            .into_iter()
            .find(|coding| *coding as u8 == number)
    }
}

/// Differences of either sign as small numbers: 0, -1, 1, -2 …
pub fn folded(difference: u64) -> u64 {
    (difference << 1) ^ ((difference as i64 >> 63) as u64)
}

pub fn unfolded(code: u64) -> u64 {
    (code >> 1) ^ (code & 1).wrapping_neg()
}

/// Codes `values` in place; gives the base.
pub fn delta(values: &mut [u64]) -> u64 {
    let base = values.first().copied().unwrap_or(0);
    let mut before = base;
    for value in values {
        let now = *value;
        *value = folded(now.wrapping_sub(before));
        before = now;
    }
    base
}

pub fn undo_delta(codes: &mut [u64], base: u64) {
    let mut before = base;
    for code in codes {
        before = before.wrapping_add(unfolded(*code));
        *code = before;
    }
}

/// Codes `values` in place. `next` is the first number that no block before has had, and moves on.
pub fn fresh(values: &mut [u64], next: &mut u64) -> u64 {
    let base = *next;
    for value in values {
        let now = *value;
        *value = if now == *next { 0 } else { now.wrapping_add(1) };
        *next = (*next).max(now.wrapping_add(1));
    }
    base
}

pub fn undo_fresh(codes: &mut [u64], base: u64) {
    let mut next = base;
    for code in codes {
        let now = if *code == 0 { next } else { *code - 1 };
        next = next.max(now.wrapping_add(1));
        *code = now;
    }
}

const SLOT_BITS: u32 = 14;

/// What edges led to lately, by what they are called. Objects of a class that lie side by side have one map, and hold what was made for them in the same order.
pub struct Lately(Vec<u32>);

impl Lately {
    pub fn new() -> Lately {
        Lately(vec![0; 1 << SLOT_BITS])
    }

    /// A block needs nothing of the one before.
    pub fn forget(&mut self) {
        self.0.fill(0);
    }

    #[inline]
    fn slot(&mut self, kind: EdgeType, name_or_index: u32) -> &mut u32 {
        // The elements of an array are alike, whatever their number.
        let name = if kind == EdgeType::Element { 0 } else { name_or_index };
        let label = name << 3 | kind as u32;
        let slot = label.wrapping_mul(0x9e37_79b1) >> (u32::BITS - SLOT_BITS);
        &mut self.0[slot as usize]
    }

    #[inline]
    pub fn code(&mut self, kind: EdgeType, name_or_index: u32, to: u32) -> u64 {
        let last = self.slot(kind, name_or_index);
        let code = folded(u64::from(to).wrapping_sub(u64::from(*last)));
        *last = to;
        code
    }

    /// What was coded, in its lower half: a code that no writer writes gives any number.
    #[inline]
    pub fn undo(&mut self, kind: EdgeType, name_or_index: u32, code: u64) -> u32 {
        let last = self.slot(kind, name_or_index);
        *last = u64::from(*last).wrapping_add(unfolded(code)) as u32;
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(prop_oneof![0u64..9, any::<u32>().prop_map(u64::from), any::<u64>()], 0..40)
    }

    proptest! {
        #[test]
        fn differences_are_undone(values in numbers()) {
            let mut codes = values.clone();
            let base = delta(&mut codes);
            undo_delta(&mut codes, base);
            prop_assert_eq!(codes, values);
        }

        #[test]
        fn new_numbers_are_undone(values in prop::collection::vec(prop_oneof![0u64..9, any::<u32>().prop_map(u64::from)], 0..40), next in 0u64..9) {
            let (mut codes, mut moving) = (values.clone(), next);
            let base = fresh(&mut codes, &mut moving);
            undo_fresh(&mut codes, base);
            prop_assert_eq!((codes, base), (values, next));
        }

        #[test]
        fn targets_are_undone(edges in prop::collection::vec((0usize..8, prop_oneof![0u32..5, any::<u32>()], any::<u32>()), 0..40)) {
            let (mut there, mut back) = (Lately::new(), Lately::new());
            for (kind, name, to) in edges {
                let code = there.code(EdgeType::ALL[kind], name, to);
                prop_assert_eq!(back.undo(EdgeType::ALL[kind], name, code), to);
            }
        }

        #[test]
        fn any_codes_are_survived(codes in numbers(), base in any::<u64>()) {
            undo_delta(&mut codes.clone(), base);
            undo_fresh(&mut codes.clone(), base);
            let mut lately = Lately::new();
            for code in codes {
                lately.undo(EdgeType::Weak, u32::MAX, code);
            }
        }
    }

    #[test]
    fn what_comes_in_order_is_nothing() {
        let mut names = [5, 6, 2, 7, 8];
        let mut next = 5;
        assert_eq!((fresh(&mut names, &mut next), names, next), (5, [0, 0, 3, 0, 0], 9));
        let mut ids = [7, 9, 11, 3];
        assert_eq!((delta(&mut ids), ids), (7, [0, 4, 4, 15]));
    }
}
