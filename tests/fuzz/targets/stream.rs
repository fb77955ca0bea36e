//! Any bytes from the server while a reply is being streamed → the client.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayfly::properties::stream(bytes));
