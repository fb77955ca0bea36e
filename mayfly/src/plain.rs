//! `plain`: the length of text in JSON that has no escape.

/// Counts the bytes at the beginning that need no escape, eight at a time: `serde_json` looks at each by itself, which is
/// half of the work for a large body.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        // The subtractions set the high bit of each byte that is to be found, and of bytes that have it anyhow. By a
        // borrow they may also set that of a byte behind one that is found.
        let control = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
        let found = (control | quote | backslash) & !word & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_bytes_are_those_before_an_escape(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let is_plain = |byte: &u8| *byte >= 0x20 && !b"\"\\".contains(byte);
            prop_assert_eq!(plain(&bytes), bytes.iter().take_while(|byte| is_plain(byte)).count());
        }

        #[test]
        fn long_text_is_plain_up_to_its_first_escape(length in 0_usize..40, escape in "[\"\\\\\x00-\x1f]", rest in ".{0,20}") {
            let text = "\u{e9}x".repeat(length);
            prop_assert_eq!(plain(format!("{text}{escape}{rest}").as_bytes()), text.len());
        }
    }
}
