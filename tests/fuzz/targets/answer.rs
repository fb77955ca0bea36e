//! The bytes of an HTTP response → the client.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::answer(bytes));
