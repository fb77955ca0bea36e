//! The binary that Lambda starts: every handler of the service, one of which the **Handler** setting picks.

mayfly::main!(orders);
