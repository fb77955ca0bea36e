//! The compile errors that Mayfly owns, and every signature that it accepts.
//!
//! Each file in `ui/fail` makes one mistake; beside it stands what the compiler says. After a change of a message, write
//! the texts anew with `TRYBUILD=overwrite cargo test -p mayfly-tests --test ui`, and read them.

#[test]
fn every_mistake_has_its_message_and_every_signature_compiles() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.pass("ui/pass/*.rs");
}
