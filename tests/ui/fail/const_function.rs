#[mayfly::handler]
const fn process(_: u8) {}

fn main() {}
