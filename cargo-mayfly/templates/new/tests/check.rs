//! Checks the handlers as Lambda would start them.

use mayfly::testing;

use {{crate}} as _; // links the handlers

#[test]
fn every_handler_can_start() {
    testing::check().unwrap(); // no duplicate names, an init for every state
}
