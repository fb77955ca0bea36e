//! The bytes of a response → a reply, and back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::http_response(bytes));
