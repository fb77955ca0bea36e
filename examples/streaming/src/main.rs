//! The binary that Lambda starts. Its handlers are those of the library.

mayfly::main!(streaming);
