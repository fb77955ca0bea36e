//! What Lambda starts: the handlers of the library, one of which the Handler setting picks.

mayfly::main!({{crate}});
