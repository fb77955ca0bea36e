#[mayfly::handler(path = "orders")]
fn process(_: u8) {}

fn main() {}
