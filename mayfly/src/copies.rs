//! Several copies of Mayfly in one binary: each has a list of handlers, and `main` knows only that of its own.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};

/// Stands once in the binary for each copy: a `static` is never merged with an equal one. All versions have what comes
/// before their number, by which a copy of one finds those of the others.
static MARK: [u8; TEXT.len()] = match TEXT.as_bytes().first_chunk() {
    Some(text) => *text,
    None => panic!(),
};
const TEXT: &str = concat!("\u{1e}copy of mayfly ", env!("CARGO_PKG_VERSION"), "\u{1e}");
const END: u8 = 0x1e;
const BEFORE_VERSION: std::ops::Range<usize> = 1..16;

/// Keeps the mark in a binary that has a handler of this copy.
#[inline]
pub(crate) fn mark() {
    black_box(&MARK);
}

/// Looks for other copies, and says what that means. It reads the whole executable: for when all else is lost.
#[cold]
pub(crate) fn complaint() -> Option<String> {
    let versions = versions();
    (versions.len() > 1).then(|| {
        format!(
            "this binary has {} copies of mayfly ({}), and what is registered with one is unknown to the others: make \
             all packages depend on the same one, from the same source; `cargo tree --duplicates` shows who takes which",
            versions.len(),
            versions.join(", ")
        )
    })
}

/// The version of each copy, sorted; none where the executable cannot be read.
fn versions() -> Vec<String> {
    let executable = std::env::current_exe().and_then(File::open);
    let Ok(mut executable) = executable.map(BufReader::new) else { return Vec::new() };
    let (mut versions, mut piece) = (Vec::<String>::new(), Vec::new());
    while executable.read_until(END, &mut piece).is_ok_and(|read| read > 0) {
        if let Some(rest) = piece.strip_prefix(&black_box(&MARK)[BEFORE_VERSION]) {
            let version = String::from_utf8_lossy(rest.strip_suffix(&[END]).unwrap_or(rest)).into_owned();
            versions.insert(versions.partition_point(|other| *other < version), version);
        }
        piece.clear();
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_with_one_copy_finds_that_one() {
        mark();
        assert_eq!(versions(), [env!("CARGO_PKG_VERSION")]);
        assert_eq!(complaint(), None);
    }
}
