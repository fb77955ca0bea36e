//! The list that registered functions put themselves on, before `main` runs.
//!
//! Generated code names this in place of a crate for it, so that all that it writes beside the user's function is
//! Mayfly's own: others write an `allow`, which a `#![forbid]` of the user's refuses.

use std::iter;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::copies;

/// One registered value, and the one that was registered before it.
#[derive(Debug)]
pub struct Entry<T: 'static> {
    value: T,
    next: Link<T>,
}

/// All entries of a type, the last one first.
#[derive(Debug)]
pub struct List<T: 'static>(Link<T>);

type Link<T> = Mutex<Option<&'static Entry<T>>>;

/// A type that has a list.
pub trait Listed: Sized + 'static {
    /// Its list.
    const LIST: &'static List<Self>;
}

impl<T: Listed> Entry<T> {
    /// Holds a value that is on no list yet.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self { value, next: Mutex::new(None) }
    }

    /// Puts the entry on its list; the system's loader calls this, once an entry.
    #[inline(never)] // else once more in each handler
    pub fn register(&'static self) {
        copies::mark();
        let mut first = lock(&T::LIST.0);
        *lock(&self.next) = first.replace(self);
    }
}

impl<T> List<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Iterates over every registered value, in no particular order.
    pub(crate) fn iter(&'static self) -> impl Iterator<Item = &'static T> {
        iter::successors(get(&self.0), |entry| get(&entry.next)).map(|entry| &entry.value)
    }
}

#[inline(never)]
fn get<T>(link: &Link<T>) -> Option<&'static Entry<T>> {
    *lock(link)
}

fn lock<T>(link: &Link<T>) -> MutexGuard<'_, Option<&'static Entry<T>>> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Listed for u8 {
        const LIST: &'static List<Self> = {
            static LIST: List<u8> = List::new();
            &LIST
        };
    }

    #[test]
    fn every_entry_is_on_the_list() {
        static ENTRIES: [Entry<u8>; 3] = [Entry::new(1), Entry::new(2), Entry::new(3)];
        assert_eq!(u8::LIST.iter().count(), 0);
        ENTRIES.iter().for_each(Entry::register);
        assert_eq!(u8::LIST.iter().copied().collect::<Vec<_>>(), [3, 2, 1]);
    }
}
