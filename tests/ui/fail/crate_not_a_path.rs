#[mayfly::handler(crate = "mayfly")]
fn process(_: u8) {}

fn main() {}
