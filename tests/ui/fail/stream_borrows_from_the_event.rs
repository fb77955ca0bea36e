//! A stream outlives the call of the handler, and so the event.

use std::io::Write;

use mayfly::Stream;

#[mayfly::handler]
fn repeat(text: &str) -> Stream {
    Stream::writer(move |out| Ok(out.write_all(text.as_bytes())?))
}

fn main() {}
