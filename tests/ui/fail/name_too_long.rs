#[mayfly::handler(name = "ooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo")]
fn process(_: u8) {}

fn main() {}
