//! One handler in one binary.

bench_handlers::handlers!(h00);

mayfly::main!();
