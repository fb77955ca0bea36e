//! The numbers of `DynamoDB`: text of up to 38 digits.

use serde::de::{Error as _, Visitor};
use serde_json::Error as JsonError;

/// Visits a number as the narrowest type that holds it exactly, else as a floating-point number.
pub(super) fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, JsonError> {
    if let Ok(number) = number.parse::<u64>() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = number.parse::<i64>() {
        return visitor.visit_i64(number);
    }
    let is_decimal = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let float = number.parse::<f64>().ok().filter(|float| is_decimal && float.is_finite());
    visitor.visit_f64(float.ok_or_else(|| JsonError::custom("not a number of DynamoDB"))?)
}

/// Returns whether a number is an integer that neither 64 bits nor an `f64` hold, such as a long identifier. A fraction
/// is rounded, as JSON is: most have no end in binary digits anyway.
pub(super) fn is_long_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok();
    is_integer && !is_short && number.parse().is_ok_and(|float: f64| float.to_string() != number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_long_if_no_number_holds_it() {
        for number in [
            "18446744073709551617",
            "-9223372036854775809",
            "12345678901234567890123456789012345678",
            "-12345678901234567890123456789012345678",
        ] {
            assert!(is_long_integer(number), "{number}");
        }
        for number in [
            "0",
            "-7",
            "18446744073709551615",
            "-9223372036854775808",
            "100000000000000000000000000000",
            "0.3333333333333333333333333333",
            "9876543210987654.3",
            "1E+125",
            "",
            "-",
            "one",
        ] {
            assert!(!is_long_integer(number), "{number}");
        }
    }
}
