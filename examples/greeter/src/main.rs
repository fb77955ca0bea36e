//! The binary that Lambda starts. It contains all handlers of the library; `_HANDLER` selects one.

mayfly::main!(greeter);
