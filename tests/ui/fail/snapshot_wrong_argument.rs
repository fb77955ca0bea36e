//! Arguments that only handlers have, and functions that Mayfly cannot call.

#[mayfly::before_snapshot(name = "close")]
fn named() {}

#[mayfly::after_restore]
fn generic<T>() {}

#[mayfly::before_snapshot]
fn unnamed(_: impl Copy) {}

#[mayfly::after_restore]
fn lent(_: &mayfly::State<u8>) {}

#[mayfly::before_snapshot]
#[mayfly::after_restore]
fn twice() {}

fn main() {}
