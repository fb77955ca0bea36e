//! Functions around a snapshot have no event and no context.

#[mayfly::before_snapshot]
fn with_an_event(_: String) {}

#[mayfly::after_restore]
async fn with_a_context(_: mayfly::Context) {}

fn main() {}
