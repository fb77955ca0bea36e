#[mayfly::handler(name = "all orders")]
fn process(_: u8) {}

fn main() {}
