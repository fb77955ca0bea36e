#[mayfly::handler("orders")]
fn process(_: u8) {}

fn main() {}
