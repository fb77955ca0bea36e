//! Any bytes from the server while a reply is being streamed → the client.

#![no_main]

use std::sync::Arc;

// The main function of Rust ignores SIGPIPE; libFuzzer's lets it end the process that writes to a closed connection.
libfuzzer_sys::fuzz_target!(
    init: {
        signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default()).expect("a handler can be set");
    },
    |bytes: &[u8]| mayfly::properties::stream(bytes)
);
