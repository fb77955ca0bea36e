//! Paths of functions, such as `my_app::handler::process`: their hash, their form without `r#`, and their order.

use std::borrow::Cow;

/// Returns the FNV-1a hash of a path without the `r#` of raw identifiers. The paths of handlers are hashed at compile
/// time, the path in `_HANDLER` at startup; comparing hashes, the process need not read the texts of a hundred
/// handlers.
#[must_use]
pub const fn hash(path: &str) -> u64 {
    let bytes = path.as_bytes();
    let (mut at, mut hash) = (0, 0xcbf2_9ce4_8422_2325);
    while at < bytes.len() {
        if bytes[at] == b'r' && at + 1 < bytes.len() && bytes[at + 1] == b'#' {
            at += 2;
        } else {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
    }
    hash
}

/// Removes the `r#` of raw identifiers, which is not a part of the name.
pub(crate) fn without_raw(path: &str) -> Cow<'_, str> {
    if !path.contains('#') {
        return Cow::Borrowed(path);
    }
    path.split_inclusive('#').map(|part| part.strip_suffix("r#").unwrap_or(part)).collect()
}

/// Counts the characters of a path without the `r#` of raw identifiers, at compile time.
#[must_use]
pub const fn characters(path: &str) -> usize {
    let bytes = path.as_bytes();
    let (mut at, mut characters) = (0, 0);
    while at < bytes.len() {
        let continues_character = bytes[at] & 0b1100_0000 == 0b1000_0000;
        if bytes[at] == b'#' {
            characters -= 1; // for the `r` before it
        } else if !continues_character {
            characters += 1;
        }
        at += 1;
    }
    characters
}

/// Sorts items by insertion, by the given key. For hundreds of items this is no slower than `sort`, whose code is
/// thirty times as large.
pub(crate) fn in_order<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut sorted = Vec::new();
    for item in items {
        let key = key(&item);
        let place = sorted.partition_point(|(other, _)| *other <= key);
        sorted.insert(place, (key, item));
    }
    sorted.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order() {
        let items = [(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (3, 'e'), (0, 'f')];
        let sorted = in_order(items.into_iter(), |(number, _)| *number);
        assert_eq!(sorted, [(0, 'f'), (1, 'b'), (1, 'd'), (2, 'a'), (2, 'c'), (3, 'e')]);
    }
}
