#[mayfly::handler(name = "")]
fn process(_: u8) {}

fn main() {}
