//! The handlers as Lambda starts them.

use mayfly::testing;

use {{crate}} as _; // links the handlers in

#[test]
fn every_handler_can_start() {
    testing::check().unwrap(); // no name twice, no state without an init
}
