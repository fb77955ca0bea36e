#[mayfly::handler(default = true)]
fn process(_: u8) {}

fn main() {}
