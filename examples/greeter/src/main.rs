//! The binary that Lambda starts: all handlers of the library, one of which `_HANDLER` picks.

mayfly::main!(greeter);
