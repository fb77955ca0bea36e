//! The binary that Lambda starts. Its handlers are `observed::orders::place` and `observed::orders::price`.

mayfly::main!(observed, around = observed::AROUND_ALL);
