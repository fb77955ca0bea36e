//! `Reading`: a temperature that the station has measured.

use std::fmt;
use std::iter::successors;

/// The largest change between two readings, in hundredths of a degree.
const LARGEST_STEP: i64 = 25;

/// A temperature that the station has measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The number of the reading.
    pub number: u64,
    /// The temperature in hundredths of a degree Celsius.
    pub hundredths: i64,
}

/// Returns the readings from the one with this number on. They never end, and none of them is kept in memory.
pub fn readings(from: u64) -> impl Iterator<Item = Reading> {
    successors(Some(from), |number| number.checked_add(1)).map(|number| Reading { number, hundredths: measure(number) })
}

/// Invents a temperature: a triangle between 10 and 20 degrees, with some noise.
fn measure(number: u64) -> i64 {
    let position = i64::try_from(number % 2_000).expect("it is small");
    let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let noise = i64::try_from(noise).expect("it has 32 bits") % LARGEST_STEP;
    2_000 - (position - 1_000).abs() + noise
}

/// The temperature in degrees.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_change_slowly_and_are_the_same_each_time() {
        let some: Vec<_> = readings(990).take(20).collect();
        assert!(
            some.windows(2).all(|pair| (pair[0].hundredths - pair[1].hundredths).abs() <= LARGEST_STEP),
            "{some:?}"
        );
        assert_eq!(readings(1_000).next(), Some(some[10]));
    }

    #[test]
    fn a_temperature_has_two_decimals() {
        assert_eq!(Reading { number: 1, hundredths: 1_705 }.to_string(), "17.05");
    }
}
