//! The results as tables in Markdown.

use crate::contender::Contender;
use crate::sheet::Sheet;
use crate::target::Verdict;

/// Writes the medians of those contenders, with a row for each measure that one of them has.
#[must_use]
pub fn medians(sheet: &Sheet, contenders: &[Contender]) -> String {
    let heading = std::iter::once("median".to_owned()).chain(contenders.iter().map(ToString::to_string));
    let rows = sheet.measures().into_iter().filter_map(|measure| {
        let values: Vec<_> = contenders.iter().map(|&contender| sheet.median(measure, contender)).collect();
        let cells = values.iter().map(|value| value.map(rounded).unwrap_or_default());
        values.iter().any(Option::is_some).then(|| std::iter::once(measure.to_string()).chain(cells).collect())
    });
    markdown(heading.collect(), rows.collect())
}

/// Writes the targets and the results.
#[must_use]
pub fn verdicts(verdicts: &[Verdict]) -> String {
    let heading = ["measure", "of", "against", "median (95 % interval)", "to reach", ""].map(str::to_owned).to_vec();
    markdown(heading, verdicts.iter().map(Verdict::row).collect())
}

/// Writes a number with three significant digits, and large numbers without a fraction.
fn rounded(value: f64) -> String {
    let decimals = match value {
        0.0 => 0,
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

fn markdown(heading: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let rule = vec!["---".to_owned(); heading.len()];
    let lines = [heading, rule].into_iter().chain(rows);
    lines.map(|cells| ["| ", &cells.join(" | "), " |\n"].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SMALL;
    use crate::sheet::Measure;

    #[test]
    fn a_measure_without_a_value_has_an_empty_cell() {
        let mut sheet = Sheet::default();
        sheet.record(Measure::SystemCalls, Contender::Floor, 4.0);
        sheet.record(Measure::Instructions(SMALL), Contender::Sync, 57.04);
        sheet.record(Measure::BinarySize, Contender::PeerDefault, 2000.0);
        assert_eq!(
            medians(&sheet, &[Contender::Floor, Contender::Sync]),
            "| median | floor | Mayfly, sync |\n| --- | --- | --- |\n| system calls an invocation | 4.00 |  |\n\
             | 40 B string: user instructions an invocation, thousands |  | 57.0 |\n"
        );
    }
}
