//! The handlers as Lambda calls them: JSON goes in, JSON comes out.

use mayfly::testing;
use serde_json::json;

use {{crate}} as _; // links the handlers in

#[test]
fn an_order_is_added_up() {
    let order = json!({ "pieces": 3, "cents": 250 });
    let total = testing::invoke("{{crate}}::total");
    let reply = total.event(order).run().unwrap();
    assert_eq!(reply.json::<u64>(), 750);
}

#[test]
fn an_order_of_nothing_is_refused() {
    let order = json!({ "pieces": 0, "cents": 250 });
    let total = testing::invoke("{{crate}}::total");
    let failure = total.event(order).run().unwrap_err();
    assert_eq!(failure.error_type(), "NothingOrdered");
}

#[test]
fn every_handler_can_start() {
    testing::check().unwrap(); // no name twice, no state without an init
}
