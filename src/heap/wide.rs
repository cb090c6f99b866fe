//! A column of numbers that nearly always fit 32 bits, and may need 64.

use rustc_hash::FxHashMap;

/// Ids and sizes: four bytes a row, and a side table for the few rows that need more.
#[derive(Clone, Debug, Default)]
pub(super) struct WideColumn {
    narrow: Vec<u32>,
    wide: FxHashMap<u32, u64>,
}

/// Stands in the column for "look in the side table".
const ELSEWHERE: u32 = u32::MAX;

impl WideColumn {
    pub fn with_capacity(rows: usize) -> WideColumn {
        WideColumn { narrow: Vec::with_capacity(rows), wide: FxHashMap::default() }
    }

    #[inline]
    pub fn push(&mut self, value: u64) {
        if value < u64::from(ELSEWHERE) {
            self.narrow.push(value as u32);
        } else {
            self.push_wide(value);
        }
    }

    #[cold]
    fn push_wide(&mut self, value: u64) {
        self.wide.insert(self.narrow.len() as u32, value);
        self.narrow.push(ELSEWHERE);
    }

    pub fn append(&mut self, other: &WideColumn) {
        let rows = self.narrow.len() as u32;
        self.wide.extend(other.wide.iter().map(|(row, value)| (rows + row, *value)));
        self.narrow.extend_from_slice(&other.narrow);
    }

    pub fn clear(&mut self) {
        self.narrow.clear();
        self.wide.clear();
    }

    pub fn set(&mut self, row: usize, value: u64) {
        self.wide.remove(&(row as u32));
        if value < u64::from(ELSEWHERE) {
            self.narrow[row] = value as u32;
        } else {
            self.wide.insert(row as u32, value);
            self.narrow[row] = ELSEWHERE;
        }
    }

    #[inline]
    pub fn get(&self, row: usize) -> u64 {
        match self.narrow[row] {
            ELSEWHERE => self.wide[&(row as u32)],
            value => u64::from(value),
        }
    }

    pub fn shrink_to_fit(&mut self) {
        self.narrow.shrink_to_fit();
    }
}

impl FromIterator<u64> for WideColumn {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> WideColumn {
        let values = values.into_iter();
        let mut column = WideColumn::with_capacity(values.size_hint().0);
        values.for_each(|value| column.push(value));
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_width_come_back() {
        let values = [0, 7, u64::from(u32::MAX) - 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX];
        let mut column: WideColumn = values.into_iter().collect();
        assert_eq!((0..values.len()).map(|row| column.get(row)).collect::<Vec<_>>(), values);
        column.append(&column.clone());
        assert_eq!((0..12).map(|row| column.get(row)).collect::<Vec<_>>(), [values, values].concat());
        column.set(5, 1);
        column.set(0, u64::MAX);
        assert_eq!((column.get(5), column.get(0)), (1, u64::MAX));
    }
}
