//! Ten handlers in one binary.

bench_handlers::handlers!(h00 h01 h02 h03 h04 h05 h06 h07 h08 h09);

mayfly::main!();
