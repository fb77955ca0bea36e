//! The compile errors of Mayfly's attributes, and the signatures that they accept.
//!
//! Each file in `ui/fail` makes one mistake; the `.stderr` file beside it holds the compiler's output. After changing a
//! message, rewrite these files with `TRYBUILD=overwrite cargo test -p mayfly-tests --test ui` and read their diff.
//!
//! Mistakes and signatures are two tests because trybuild checks all programs with one cargo command only where none of
//! them must run.

#[test]
fn every_mistake_has_its_message() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn every_signature_compiles() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
