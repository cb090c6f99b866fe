//! Every kept input, and small changes to them.

use std::fs;
use std::path::Path;

use super::{alone, entries};

type Entry = fn(&[u8]);

const TARGETS: [(&str, Entry); 8] = [
    ("reader", entries::reader),
    ("analysis", entries::analysis),
    ("packed", entries::packed),
    ("redactor", entries::redactor),
    ("sources", entries::sources),
    ("lhgraph", entries::lhgraph),
    ("census", entries::census),
    ("pages", entries::pages),
];

/// Changed inputs for each target.
const CHANGED: usize = 300;

fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("each target has a corpus").map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn the_kept_corpus_is_survived() {
    let _alone = alone();
    for (target, entry) in TARGETS {
        let inputs = kept(target);
        assert!(!inputs.is_empty(), "{target} has none");
        inputs.iter().for_each(|input| entry(input));
    }
}

#[test]
fn changed_inputs_are_survived() {
    let _alone = alone();
    for (target, entry) in TARGETS {
        let inputs = kept(target);
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for turn in 0..CHANGED {
            let input = random.changed(&inputs);
            let outcome = std::panic::catch_unwind(|| entry(&input));
            assert!(outcome.is_ok(), "{target} broke in turn {turn} on {}", input.escape_ascii());
        }
    }
}

/// xorshift64*: the same inputs in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    /// One of the inputs after a few changes: a byte, a piece left out, put in twice or taken from another one, a number that is large.
    fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        const NUMBERS: [&[u8]; 6] = [b"0", b"-1", b"4294967295", b"18446744073709551616", b"1e9", b"999999999"];
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            let start = self.below(input.len());
            let end = (start + 1 + self.below(40)).min(input.len());
            match self.below(6) {
                0 | 1 if start < end => input[start] = self.below(256) as u8,
                2 => drop(input.drain(start..end)),
                3 => {
                    let piece = input[start..end].to_vec();
                    input.splice(start..start, piece);
                }
                4 => {
                    let number = NUMBERS[self.below(NUMBERS.len())];
                    input.splice(start..end.min(start + 2), number.iter().copied());
                }
                _ => {
                    let other = &inputs[self.below(inputs.len())];
                    let from = self.below(other.len());
                    let to = (from + self.below(200)).min(other.len());
                    input.splice(start..end, other[from..to].iter().copied());
                }
            }
        }
        input
    }
}
