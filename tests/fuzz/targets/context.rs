//! Headers → Context.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::context(bytes));
