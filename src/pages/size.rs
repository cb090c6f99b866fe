//! How large an object is: what its map says, or what its own first words say where the map does not.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::{Regions, small_integer};
use super::text::ONE_BYTE;

/// Where the size of the objects of one map is to be found. Offsets are bytes from the object's start; every size is a multiple of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The same for all of them.
    Fixed(u32),
    /// A sequential string: its length is half a word, behind its hash.
    Text { bytes_per_char: u8 },
    /// As many words as the second word says, behind `header` bytes.
    Words { header: u8 },
    /// The same behind 16 bytes; but the one context that stands for a whole global object has more slots than any other, and may have a word more.
    Context,
    /// The same, but the header has fields of its own and the binary does not tell how many: [`HEADERS`] are tried.
    WordsAfterFields,
    /// As many bytes as the second word says, behind `header` bytes.
    Bytes { header: u8 },
    /// Words; the lowest ten bits of the second word's value are the length, the others the object's identity hash.
    PropertyArray,
    /// Three words for each descriptor; their number is the first 16 bits of the second word.
    Descriptors { header: u8 },
    /// Words, as many as the second word's value without its lowest bit, which is the sign.
    BigInt,
    /// Words; the length is the first half of the second word, and the header as above.
    FeedbackVector,
    /// Five bits for each slot, six slots in four bytes, and in some versions two bytes for each closure.
    FeedbackMetadata,
    /// Bytes and then words; both numbers in the second word.
    PreparseData,
    /// A gap. Some versions count bytes in it, others words.
    FreeSpace,
    /// Sixteen bytes for each entry.
    StringCache,
    /// Up to the next object: exact wherever the object holds no pointer to a map and no raw data.
    UpToNext,
}

/// Headers of arrays with fields of their own, all seen.
pub const HEADERS: [u64; 4] = [16, 24, 32, 40];
/// Headers of feedback vectors: Node 24 and 26, 20 and 22.
pub const FEEDBACK_HEADERS: [u64; 2] = [48, 56];

/// A native context has more slots than this in all versions; an ordinary one has a slot for each variable of a scope, which may be as many.
const NATIVE_CONTEXT_SLOTS: u64 = 200;

/// Whether a context is that of a whole realm: no other one is around it.
pub fn is_native_context(regions: &Regions<'_>, layout: &Layout, context: u64) -> bool {
    let around = || regions.follow(context + 24).and_then(|around| type_of(regions, layout, around));
    regions.count(context + 8).is_some_and(|slots| slots >= NATIVE_CONTEXT_SLOTS)
        && !around().is_some_and(|kind| layout.types.is_context(kind))
}

/// No object is larger.
const LARGEST: u64 = 1 << 36;

impl Rule {
    pub fn of(layout: &Layout, instance_type: u16, size_in_words: u8) -> Self {
        let types = &layout.types;
        if instance_type == types.filler && size_in_words == 0 {
            return Self::UpToNext;
        }
        if size_in_words != 0 {
            return Self::Fixed(u32::from(size_in_words) * 8);
        }
        if types.is_string(instance_type) {
            return Self::Text { bytes_per_char: if instance_type & ONE_BYTE != 0 { 1 } else { 2 } };
        }
        if instance_type == types.free_space {
            return Self::FreeSpace;
        }
        if types.is_fixed_array(instance_type) {
            return Self::Words { header: 16 };
        }
        if types.is_context(instance_type) {
            return Self::Context;
        }
        let header = |known: Option<u64>| known.and_then(|header| u8::try_from(header).ok());
        if instance_type == types.big_int() {
            return Self::BigInt;
        }
        if Some(instance_type) == types.transition_array() {
            return Self::Words { header: 16 };
        }
        if instance_type == types.feedback_metadata() {
            return Self::FeedbackMetadata;
        }
        match types.class(instance_type).unwrap_or_default() {
            "FixedDoubleArray"
            | "WeakFixedArray"
            | "ClosureFeedbackCellArray"
            | "EmbedderDataArray"
            | "TrustedFixedArray"
            | "TrustedWeakFixedArray"
            | "ProtectedFixedArray"
            | "ProtectedWeakFixedArray" => Self::Words { header: 16 },
            // Their length is how many of their words are in use; the second word says how many there are.
            "ArrayList" | "WeakArrayList" | "DependentCode" => Self::Words { header: 24 },
            "ObjectBoilerplateDescription"
            | "ScriptContextTable"
            | "RegExpMatchInfo"
            | "SloppyArgumentsElements"
            | "ClassBoilerplate" => Self::WordsAfterFields,
            "ByteArray" | "TrustedByteArray" => Self::Bytes { header: 16 },
            "BytecodeArray" => header(layout.bytecodes).map_or(Self::UpToNext, |header| Self::Bytes { header }),
            "PropertyArray" => Self::PropertyArray,
            "DescriptorArray" | "StrongDescriptorArray" => {
                header(layout.descriptors).map_or(Self::UpToNext, |header| Self::Descriptors { header })
            }
            "FeedbackVector" => Self::FeedbackVector,
            "PreparseData" => Self::PreparseData,
            "DoubleStringCache" => Self::StringCache,
            _ => Self::UpToNext,
        }
    }

    /// The size of an object from its first two words, where the rule has one answer. `None` where candidates have to be tried, or where the
    /// words make no sense.
    #[inline]
    pub fn size(self, second: u64) -> Option<u64> {
        let length = || small_integer(second).and_then(|length| u64::try_from(length).ok());
        let (low, high) = (second & 0xffff_ffff, second >> 32);
        let size = match self {
            Self::Fixed(size) => return Some(u64::from(size)),
            Self::Text { bytes_per_char } => 16 + high * u64::from(bytes_per_char),
            Self::Words { header } => u64::from(header) + length()? * 8,
            Self::Context => match length()? {
                slots if slots < NATIVE_CONTEXT_SLOTS => 16 + slots * 8,
                _ => return None,
            },
            Self::Bytes { header } => u64::from(header) + length()?,
            Self::PropertyArray => 16 + (length()? & 0x3ff) * 8,
            Self::Descriptors { header } => u64::from(header) + (second & 0xffff) * 24,
            Self::BigInt => 16 + (low >> 1) * 8,
            Self::PreparseData => 16 + low.next_multiple_of(8) + high * 8,
            Self::StringCache => 16 + low * 16,
            Self::WordsAfterFields
            | Self::FeedbackVector
            | Self::FeedbackMetadata
            | Self::FreeSpace
            | Self::UpToNext => return None,
        };
        (size < LARGEST).then(|| size.next_multiple_of(8))
    }

    /// The sizes that an object may have, from its second word, where that is all there is to go by.
    pub fn candidates(self, second: u64) -> [Option<u64>; 4] {
        let (low, high) = (second & 0xffff_ffff, second >> 32);
        let words = small_integer(second).and_then(|length| u64::try_from(length).ok());
        let checked = |size: u64| (16..LARGEST).contains(&size).then(|| size.next_multiple_of(8));
        match self {
            Self::Context => [checked(16 + words.unwrap_or(0) * 8), checked(24 + words.unwrap_or(0) * 8), None, None],
            Self::WordsAfterFields => HEADERS.map(|header| words.and_then(|words| checked(header + words * 8))),
            Self::FeedbackVector => {
                let [newer, older] = FEEDBACK_HEADERS.map(|header| checked(header + low * 8));
                [newer, older, None, None]
            }
            Self::FeedbackMetadata => {
                let slots = 16 + low.div_ceil(6) * 4;
                [checked(slots), checked(slots + high * 2), None, None]
            }
            Self::FreeSpace => {
                let bytes = words.filter(|bytes| bytes % 8 == 0);
                [bytes.and_then(checked), words.and_then(|words| checked(words * 8)), None, None]
            }
            _ => [None; 4],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_objects_that_were_seen() {
        let smi = |value: u64| value << 32;
        assert_eq!(Rule::Fixed(56).size(0), Some(56));
        assert_eq!(Rule::Text { bytes_per_char: 1 }.size(0xa_0000_0003), Some(32));
        assert_eq!(Rule::Text { bytes_per_char: 2 }.size(0x2_0000_0003), Some(24));
        assert_eq!(Rule::Words { header: 16 }.size(smi(10)), Some(96));
        assert_eq!(Rule::Words { header: 16 }.size(7), None, "a length is a small integer");
        assert_eq!(Rule::Bytes { header: 54 }.size(smi(0x18)), Some(80));
        assert_eq!(Rule::PropertyArray.size(0x13d4_f009_0000_0000), Some(88));
        assert_eq!(Rule::Descriptors { header: 24 }.size(0x17_0005_0005), Some(144));
        assert_eq!(Rule::BigInt.size(4), Some(32));
        assert_eq!(Rule::PreparseData.size(0x1_0000_0018), Some(48));
        assert_eq!(Rule::StringCache.size(0x80), Some(2064));
    }

    #[test]
    fn candidates_have_the_right_one_among_them() {
        assert_eq!(Rule::FeedbackMetadata.candidates(0x1_0000_0047)[..2], [Some(64), Some(72)]);
        assert_eq!(Rule::FeedbackVector.candidates(0x1_0000_000b)[..2], [Some(136), Some(144)]);
        assert_eq!(Rule::FreeSpace.candidates(3 << 32)[..2], [None, Some(24)]);
        assert_eq!(Rule::FreeSpace.candidates(24 << 32)[..2], [Some(24), Some(192)]);
    }

    #[test]
    fn hostile_lengths_are_no_sizes() {
        for word in [u64::MAX, u64::MAX << 32, 0x7fff_ffff << 32, 0xffff_ffff] {
            for rule in [Rule::Words { header: 16 }, Rule::Bytes { header: 16 }, Rule::BigInt, Rule::PropertyArray] {
                assert!(rule.size(word).is_none_or(|size| size < LARGEST && size % 8 == 0));
            }
            for rule in [Rule::WordsAfterFields, Rule::FeedbackVector, Rule::FeedbackMetadata, Rule::FreeSpace] {
                assert!(rule.candidates(word).into_iter().flatten().all(|size| size <= LARGEST && size % 8 == 0));
            }
        }
    }
}
