//! The compile errors that Mayfly owns, and every signature that it accepts.
//!
//! Each file in `ui/fail` makes one mistake, and the file beside it has the compiler's output. After a change of a
//! message, write these outputs again with `TRYBUILD=overwrite cargo test -p mayfly-tests --test ui`, and read them.
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
