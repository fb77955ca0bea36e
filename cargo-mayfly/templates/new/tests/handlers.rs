//! Invokes the handlers as Lambda does, with JSON events and replies.

use mayfly::testing;
use serde_json::json;

use {{crate}} as _; // links the handlers

#[test]
fn the_total_of_an_order_is_calculated() {
    let order = json!({ "pieces": 3, "cents": 250 });
    let total = testing::invoke("{{crate}}::total");
    let reply = total.event(order).run().unwrap();
    assert_eq!(reply.json::<u64>(), 750);
}

#[test]
fn an_order_without_pieces_is_refused() {
    let order = json!({ "pieces": 0, "cents": 250 });
    let total = testing::invoke("{{crate}}::total");
    let failure = total.event(order).run().unwrap_err();
    assert_eq!(failure.error_type(), "NothingOrdered");
}

#[test]
fn every_handler_can_start() {
    testing::check().unwrap(); // no duplicate names, an init for every state
}
