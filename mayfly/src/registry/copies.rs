//! The check for several copies of Mayfly in one binary.
//!
//! Each copy has its own list of handlers, and `main` sees only one of them.

use std::hint::black_box;

/// A mark that is in the binary once for each copy, since a `static` is never merged with an equal one. The text before
/// the version is the same in all versions, so that each copy finds the others.
static MARK: [u8; TEXT.len()] = match TEXT.as_bytes().first_chunk() {
    Some(text) => *text,
    None => panic!(),
};
const TEXT: &str = concat!("\u{1e}copy of mayfly ", env!("CARGO_PKG_VERSION"), "\u{1e}");
const END: u8 = 0x1e;
const BEFORE_VERSION: std::ops::Range<usize> = 1..16;

/// Keeps the mark in any binary that has a handler or an init of this copy.
#[inline]
pub fn mark() {
    black_box(&MARK);
}

/// Returns a sentence about other copies, if there are any. It reads the whole executable, so it is called only if no
/// handler was found.
#[cold]
#[inline(never)]
pub(crate) fn complaint() -> Option<String> {
    let executable = std::env::current_exe().and_then(std::fs::read).ok()?;
    let (copies, versions) = versions(&executable);
    (copies > 1).then(|| {
        format!(
            "this binary has {copies} copies of mayfly ({versions}), and what is registered with one is unknown to the \
             others: make all packages depend on the same one, from the same source; `cargo tree --duplicates` shows \
             who takes which"
        )
    })
}

/// Returns the number of copies in an executable, and their versions.
fn versions(executable: &[u8]) -> (usize, String) {
    let (mut copies, mut versions) = (0, String::new());
    for piece in executable.split(|byte| *byte == END) {
        if let Some(version) = piece.strip_prefix(&black_box(&MARK)[BEFORE_VERSION]) {
            versions.push_str(if copies == 0 { "" } else { ", " });
            versions.push_str(std::str::from_utf8(version).unwrap_or("?"));
            copies += 1;
        }
    }
    (copies, versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_with_one_copy_counts_one() {
        mark();
        let executable = std::env::current_exe().and_then(std::fs::read).unwrap();
        assert_eq!(versions(&executable), (1, env!("CARGO_PKG_VERSION").to_owned()));
        assert_eq!(complaint(), None);
    }

    #[test]
    fn equal_copies_are_counted_separately() {
        // Joined at run time, since the text itself would make this test a copy, wherever the linker puts it.
        let text = ["copy of", "mayfly", "0.2.0"].join(" ");
        let other = ["", &text, &text[..14]].join("\u{1e}");
        let executable = [b"\x7fELF\x1e", &MARK[..], b"\0", &MARK, other.as_bytes()].concat();
        let own = env!("CARGO_PKG_VERSION");
        assert_eq!(versions(&executable), (3, format!("{own}, {own}, 0.2.0")));
    }
}
