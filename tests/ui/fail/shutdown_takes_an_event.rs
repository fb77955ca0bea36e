//! A shutdown function has no event and no context.

#[mayfly::shutdown]
fn with_an_event(_: String) {}

#[mayfly::shutdown]
async fn with_a_context(_: mayfly::Context) {}

fn main() {}
