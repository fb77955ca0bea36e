//! A stream is a whole reply, not a part of one.

use mayfly::Stream;

#[mayfly::handler]
fn both() -> (u8, Stream) {
    (1, Stream::iter(["a"]))
}

fn main() {}
