//! The losses of `lambda_http` that `docs/migrating.md` lists, each of which is a test.

use std::collections::BTreeSet;
use std::fs;

use crate::page::{page, workspace};

const TESTS: &str = "tests/tests/http/against_lambda_http.rs";

#[test]
fn every_loss_that_is_listed_names_a_test_that_exists() {
    let source = fs::read_to_string(workspace().join(TESTS)).expect("the tests are there");
    let (_, table) = page("docs/migrating.md").text.split_once("| Case |").expect("the page has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let last_cells = rows.map(|row| row.trim_end_matches([' ', '|']).rsplit("| ").next().expect("a row has cells"));
    let named: BTreeSet<_> = last_cells.filter(|&cell| cell != "the same").map(|cell| cell.trim_matches('`')).collect();
    assert!(named.len() >= 13, "{named:?}");
    for name in named {
        assert!(source.contains(&format!("#[test]\nfn {name}() {{")), "{TESTS} lacks {name}");
    }
}
