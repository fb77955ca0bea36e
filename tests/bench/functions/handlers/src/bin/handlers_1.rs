//! One handler in one binary.

bench_handlers::handlers!(place_order);

mayfly::main!();
