//! A hundred handlers in one binary.

bench_handlers::handlers!(
    place_order cancel_order price_order ship_order refund_order list_order find_order archive_order notify_order
    review_order place_parcel cancel_parcel price_parcel ship_parcel refund_parcel list_parcel find_parcel
    archive_parcel notify_parcel review_parcel place_invoice cancel_invoice price_invoice ship_invoice
    refund_invoice list_invoice find_invoice archive_invoice notify_invoice review_invoice place_customer
    cancel_customer price_customer ship_customer refund_customer list_customer find_customer archive_customer
    notify_customer review_customer place_address cancel_address price_address ship_address refund_address
    list_address find_address archive_address notify_address review_address place_voucher cancel_voucher
    price_voucher ship_voucher refund_voucher list_voucher find_voucher archive_voucher notify_voucher
    review_voucher place_item cancel_item price_item ship_item refund_item list_item find_item archive_item
    notify_item review_item place_stock cancel_stock price_stock ship_stock refund_stock list_stock find_stock
    archive_stock notify_stock review_stock place_shelf cancel_shelf price_shelf ship_shelf refund_shelf list_shelf
    find_shelf archive_shelf notify_shelf review_shelf place_reminder cancel_reminder price_reminder ship_reminder
    refund_reminder list_reminder find_reminder archive_reminder notify_reminder review_reminder
);

mayfly::main!();
