//! The binary that Lambda starts. It contains every handler of the service; the **Handler** setting selects one.

mayfly::main!(orders);
