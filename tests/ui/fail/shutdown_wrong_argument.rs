//! Arguments that only handlers have, and functions that Mayfly cannot call.

#[mayfly::shutdown(name = "flush")]
fn named() {}

#[mayfly::shutdown]
fn generic<T>() {}

#[mayfly::shutdown]
fn lent<'a>(_: mayfly::State<&'a str>) {}

#[mayfly::shutdown]
#[mayfly::handler]
fn twice() {}

fn main() {}
