//! The last N of something: the oldest gives way.

use std::collections::VecDeque;

#[derive(Debug)]
pub struct Ring<T> {
    items: VecDeque<T>,
    capacity: usize,
}

impl<T> Ring<T> {
    /// Takes all its memory now, so that recording never grows it.
    pub fn new(capacity: usize) -> Self {
        Self { items: VecDeque::with_capacity(capacity), capacity }
    }

    pub fn push(&mut self, item: T) {
        if self.items.len() == self.capacity {
            self.items.pop_front();
        }
        self.items.push_back(item);
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let mut ring = Ring::new(3);
        (1..=5).for_each(|number| ring.push(number));
        assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [3, 4, 5]);
    }
}
