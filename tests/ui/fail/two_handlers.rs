#[mayfly::handler]
#[mayfly::handler(name = "orders")]
fn process(_: u8) {}

fn main() {}
