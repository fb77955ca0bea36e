use std::cell::RefCell;

#[mayfly::handler]
fn process(_: u8, _: mayfly::State<RefCell<u32>>) {}

fn main() {}
