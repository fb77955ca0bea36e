//! A hundred routes in one binary.

bench_routes::hundred!(routes);

mayfly::main!();
