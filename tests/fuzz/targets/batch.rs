//! The bytes of an event → a batch of each source.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::batch(bytes));
