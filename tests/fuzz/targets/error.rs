//! An error → its JSON and headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|error: (&str, &str, &str, u16)| {
    let (name, context, message, times) = error;
    // The body's limit is a MiB; what is far beyond it only takes time.
    mayfly::properties::error(name, context, message, usize::from(times) % 1024);
});
