//! The function returns nothing.

#[mayfly::service]
fn api() {}

fn main() {}
