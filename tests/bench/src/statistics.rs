//! Medians and their confidence intervals.

/// Returns the median of some values; for an even number of them, the mean of the two in the middle.
///
/// # Panics
/// If there are none.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// Returns the value that `percent` of all values do not exceed.
///
/// # Panics
/// If there are none.
#[must_use]
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let sorted = sorted(values);
    sorted[(sorted.len() * percent).div_ceil(100).saturating_sub(1)]
}

fn sorted(values: &[f64]) -> Vec<f64> {
    assert!(!values.is_empty(), "there is something to be measured");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// A median with the interval that holds the true one with at least 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The median.
    pub median: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Estimate {
    /// Estimates the median from the order of the values, without an assumption about their distribution.
    ///
    /// # Panics
    /// If there are no values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let sorted = sorted(values);
        let outside = ranks_outside(sorted.len());
        Self { median: median(values), low: sorted[outside], high: sorted[sorted.len() - 1 - outside] }
    }

    /// Estimates the ratio of `ours` to `theirs`, pair by pair.
    ///
    /// # Panics
    /// If the numbers of values differ, or there are none.
    #[must_use]
    pub fn of_ratios(ours: &[f64], theirs: &[f64]) -> Self {
        assert_eq!(ours.len(), theirs.len(), "the values come in pairs");
        let ratios: Vec<_> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Self::of(&ratios)
    }
}

/// Returns the number of sorted values outside the interval on each side. The true median is as likely above each value
/// as below it, so the number of values below it is binomial.
fn ranks_outside(values: usize) -> usize {
    // P(0 below) = 2^-n; the recurrence of the binomial coefficients gives the others; their sum is at most 2.5 %.
    let exponent = i32::try_from(values).unwrap_or(i32::MAX);
    let (mut probability, mut sum, mut outside) = (0.5_f64.powi(exponent), 0.0, 0);
    loop {
        sum += probability;
        if sum > 0.025 || outside >= values / 2 {
            return outside.saturating_sub(1);
        }
        outside += 1;
        probability *= number(values - outside + 1) / number(outside);
    }
}

/// Converts a count to a floating-point number.
///
/// # Panics
/// If it does not fit into 32 bits.
#[must_use]
pub fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("counts are small"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        let hundred: Vec<_> = (1..=100).map(f64::from).collect();
        assert!((percentile(&hundred, 99) - 99.0).abs() < 1e-9);
        assert!((percentile(&[7.0], 99) - 7.0).abs() < 1e-9);
    }

    #[test]
    fn intervals_are_those_of_the_sign_test() {
        // From tables of the sign test at 5 %: of n values, k on each side are outside.
        for (values, outside) in [(5, 0), (6, 0), (9, 1), (30, 9), (31, 9), (40, 13), (50, 17), (100, 39)] {
            assert_eq!(ranks_outside(values), outside, "{values}");
        }
    }

    #[test]
    fn noise_that_both_share_does_not_change_the_ratio() {
        let theirs: Vec<_> = (1..=31).map(|load| 10.0 * f64::from(load)).collect();
        let ours: Vec<_> = theirs.iter().map(|value| 0.8 * value).collect();
        let ratio = Estimate::of_ratios(&ours, &theirs);
        for value in [ratio.median, ratio.low, ratio.high] {
            assert!((value - 0.8).abs() < 1e-9, "{ratio:?}");
        }
    }
}
