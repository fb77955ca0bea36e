//! Ten handlers in one binary.

bench_handlers::handlers!(
    place_order cancel_order price_order ship_order refund_order list_order find_order archive_order notify_order
    review_order
);

mayfly::main!();
