//! The executable that Lambda starts. It runs the handler that the Handler setting selects.

mayfly::main!({{crate}});
