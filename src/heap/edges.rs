//! The edge table: eight bytes an edge.

use rustc_hash::FxHashMap;

use super::kinds::EdgeType;

/// Edges in the order of the nodes that they start from.
///
/// An edge's kind and its name or number share one word, since edges outnumber nodes three to one and a fifth column
/// would be the largest of all. Numbers that do not fit beside the kind are in a side table: array elements beyond
/// half a billion, in effect.
#[derive(Clone, Debug, Default)]
pub(super) struct EdgeColumns {
    label: Vec<u32>,
    to: Vec<u32>,
    long: FxHashMap<u32, u32>,
}

const KIND_BITS: u32 = 3;
const LONG: u32 = u32::MAX >> KIND_BITS;

impl EdgeColumns {
    pub fn with_capacity(rows: usize) -> EdgeColumns {
        EdgeColumns { label: Vec::with_capacity(rows), to: Vec::with_capacity(rows), long: FxHashMap::default() }
    }

    #[inline]
    pub fn push(&mut self, kind: EdgeType, name_or_index: u32, to: u32) {
        let mut name = name_or_index;
        if name >= LONG {
            self.long.insert(self.label.len() as u32, name);
            name = LONG;
        }
        self.label.push(name << KIND_BITS | kind as u32);
        self.to.push(to);
    }

    pub fn append(&mut self, other: &EdgeColumns) {
        let rows = self.label.len() as u32;
        self.long.extend(other.long.iter().map(|(row, name)| (rows + row, *name)));
        self.label.extend_from_slice(&other.label);
        self.to.extend_from_slice(&other.to);
    }

    pub fn clear(&mut self) {
        self.label.clear();
        self.to.clear();
        self.long.clear();
    }

    pub fn len(&self) -> usize {
        self.to.len()
    }

    #[inline]
    pub fn kind(&self, row: usize) -> EdgeType {
        EdgeType::ALL[(self.label[row] & ((1 << KIND_BITS) - 1)) as usize]
    }

    #[inline]
    pub fn name_or_index(&self, row: usize) -> u32 {
        match self.label[row] >> KIND_BITS {
            LONG => self.long[&(row as u32)],
            name => name,
        }
    }

    #[inline]
    pub fn to(&self, row: usize) -> u32 {
        self.to[row]
    }

    pub fn shrink_to_fit(&mut self) {
        self.label.shrink_to_fit();
        self.to.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_number_survive_sharing_a_word() {
        let numbers = [0, 1, LONG - 1, LONG, LONG + 1, u32::MAX];
        let mut edges = EdgeColumns::default();
        for (row, &number) in numbers.iter().enumerate() {
            edges.push(EdgeType::ALL[row], number, row as u32);
        }
        edges.append(&edges.clone());
        for (row, &number) in numbers.iter().chain(&numbers).enumerate() {
            let once = row % numbers.len();
            assert_eq!((edges.kind(row), edges.name_or_index(row)), (EdgeType::ALL[once], number));
            assert_eq!(edges.to(row), once as u32);
        }
    }
}
