//! The compile errors of Mayfly's attributes.
//!
//! Each file in `ui/fail` makes one mistake; the `.stderr` file beside it holds the compiler's output. After changing a
//! message, rewrite these files with `TRYBUILD=overwrite cargo test --workspace --test ui` and read their diff.

#[test]
fn every_mistake_has_its_message() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
