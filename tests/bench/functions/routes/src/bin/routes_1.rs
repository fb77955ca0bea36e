//! One route in one binary.

bench_routes::routes!(place_order "/orders/{id}/place");

mayfly::main!();
