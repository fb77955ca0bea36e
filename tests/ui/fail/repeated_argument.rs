#[mayfly::handler(name = "orders", default, name = "returns")]
fn process(_: u8) {}

fn main() {}
