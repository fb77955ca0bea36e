//! The numbers of `DynamoDB`: text of up to 38 digits.

use serde::de::{Error as _, Visitor};
use serde_json::Error as JsonError;

/// The number of significant digits that an `f64` holds of any number.
const SURE_DIGITS: usize = 15;

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

/// Returns whether a number keeps its digits as an integer of 64 bits or as an `f64`, which it does if the `f64` has
/// the same ones when it is written with as many digits, or as short as possible.
pub(super) fn keeps_digits(number: &str) -> bool {
    let digits = significant_digits(number);
    if digits.len() <= SURE_DIGITS || number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok() {
        return true;
    }
    let written = |float: f64| [float.to_string(), format!("{float:.*e}", digits.len() - 1)];
    number.parse().ok().is_none_or(|float| written(float).iter().any(|written| significant_digits(written) == digits))
}

fn significant_digits(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    mantissa.replace(|character: char| !character.is_ascii_digit(), "").trim_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_keeps_its_digits_if_they_can_be_written_again() {
        for number in [
            "0",
            "-7",
            "1.50",
            "18446744073709551615",
            "-9223372036854775808",
            "0.30000000000000004",
            "0.10000000000000001",
            "100000000000000000000000000000",
            "1E+125",
            "-1e-130",
            "9007199254740993",
            "0.1000000000000000055511151231257827021181583404541015625",
        ] {
            assert!(keeps_digits(number), "{number}");
        }
        for number in [
            "18446744073709551617",
            "-9223372036854775809",
            "12345678901234567890123456789012345678",
            "9876543210987654.3",
            "0.3333333333333333333333333333",
            "-3.1415926535897932384626433832795028842E-9",
        ] {
            assert!(!keeps_digits(number), "{number}");
        }
    }

    proptest! {
        #[test]
        fn a_float_keeps_its_digits_however_it_is_written(float in any::<f64>(), digits in 16_usize..40) {
            prop_assume!(float.is_finite());
            let (shortest, longer) = (float.to_string(), format!("{float:.digits$e}"));
            prop_assert!(keeps_digits(&shortest) && keeps_digits(&longer));
        }
    }
}
