//! A hundred handlers in a router of axum.

bench_routes::hundred!(by_hand);

mayfly::main!();
