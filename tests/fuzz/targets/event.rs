//! An event's bytes → a typed event.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::event(bytes));
