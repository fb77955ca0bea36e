//! `Chain`: a list that keeps only its first and last items.

use std::slice;

/// A list that keeps its first and its last `ENDS` items, and only the number of those in between.
#[derive(Debug)]
pub(crate) struct Chain<T, const ENDS: usize> {
    kept: Vec<T>,
    left_out: usize,
}

/// An item type that has a placeholder for items that were left out.
pub(crate) trait LeftOut {
    /// Creates the placeholder for `count` items.
    fn left_out(count: usize) -> Self;
}

impl<T, const ENDS: usize> Chain<T, ENDS> {
    /// Adds an item at the end.
    pub(crate) fn push(&mut self, item: T) {
        self.make_room(ENDS);
        self.kept.push(item);
    }

    /// Adds an item at the beginning.
    pub(crate) fn push_front(&mut self, item: T) {
        self.make_room(ENDS - 1);
        self.kept.insert(0, item);
    }

    /// Removes the item at `middle` if the list is full.
    fn make_room(&mut self, middle: usize) {
        if self.kept.len() == 2 * ENDS {
            self.kept.remove(middle);
            self.left_out += 1;
        }
    }

    /// Converts each item that is kept.
    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Chain<U, ENDS> {
        Chain { kept: self.kept.into_iter().map(convert).collect(), left_out: self.left_out }
    }

    /// Iterates over the items that are kept.
    pub(crate) fn iter(&self) -> slice::Iter<'_, T> {
        self.kept.iter()
    }
}

impl<T: LeftOut, const ENDS: usize> Chain<T, ENDS> {
    /// Visits the items in their order, with a placeholder in the middle for those that were left out.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&T)) {
        self.each_of_ends(ENDS, visit);
    }

    /// Visits only the first and the last `ends` items, with the placeholder for all others.
    pub(crate) fn each_of_ends(&self, ends: usize, visit: &mut dyn FnMut(&T)) {
        let count = self.kept.len();
        let first = count.min(ends.min(ENDS));
        let last = count.saturating_sub(ends).max(first);
        let left_out = self.left_out + (last - first);
        self.kept[..first].iter().for_each(&mut *visit);
        if left_out > 0 {
            visit(&T::left_out(left_out));
        }
        self.kept[last..].iter().for_each(visit);
    }
}

impl<T, const ENDS: usize> Default for Chain<T, ENDS> {
    fn default() -> Self {
        Self { kept: Vec::new(), left_out: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    impl LeftOut for String {
        fn left_out(count: usize) -> Self {
            format!("{count} left out")
        }
    }

    proptest! {
        #[test]
        fn both_ends_of_a_chain_are_kept_wherever_it_grows(at_front in vec(any::<bool>(), 0..60)) {
            let (mut chain, mut all) = (Chain::<_, 8>::default(), Vec::new());
            for (number, at_front) in at_front.into_iter().enumerate() {
                let item = number.to_string();
                if at_front {
                    chain.push_front(item.clone());
                    all.insert(0, item);
                } else {
                    chain.push(item.clone());
                    all.push(item);
                }
            }
            if let Some(left_out @ 1..) = all.len().checked_sub(16) {
                all.splice(8..8 + left_out, [String::left_out(left_out)]);
            }
            let mut seen = Vec::new();
            chain.each(&mut |item| seen.push(item.clone()));
            prop_assert_eq!(seen, all);
        }

        #[test]
        fn fewer_items_at_both_ends_of_a_chain_can_be_visited(count in 0..40_usize, ends in 0..10_usize) {
            let mut chain = Chain::<_, 8>::default();
            (0..count).for_each(|number| chain.push(number.to_string()));
            let mut all: Vec<_> = (0..count).map(|number| number.to_string()).collect();
            let ends = ends.min(8);
            if let Some(left_out @ 1..) = count.checked_sub(2 * ends) {
                all.splice(ends..ends + left_out, [String::left_out(left_out)]);
            }
            let mut seen = Vec::new();
            chain.each_of_ends(ends, &mut |item| seen.push(item.clone()));
            prop_assert_eq!(seen, all);
        }
    }
}
