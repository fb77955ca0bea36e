//! The binary that Lambda starts. It contains every handler of the package; the **Handler** setting selects one.

mayfly::main!(batch);
