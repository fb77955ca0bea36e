//! `counted`: a number with its noun.

use std::fmt::Display;

/// Returns a number with a noun, such as `1 byte` or `2 bytes`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let numbers = [0_usize, 1, 2].map(|number| counted(number, "byte"));
        assert_eq!(numbers, ["0 bytes", "1 byte", "2 bytes"]);
        assert_eq!(counted(1_u64, "function"), "1 function");
    }
}
