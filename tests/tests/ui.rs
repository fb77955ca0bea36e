//! The compile errors of Mayfly's attributes, and the signatures that they accept.
//!
//! Each file in `ui/fail` makes one mistake; the `.stderr` file beside it holds the compiler's output. After changing a
//! message, rewrite these files with `TRYBUILD=overwrite cargo test -p mayfly-tests --test ui` and read their diff.

#[test]
fn every_mistake_has_its_message_and_every_signature_compiles() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.pass("ui/pass/*.rs");
}
