//! The bytes of an event → an HTTP request.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::http_event(bytes));
