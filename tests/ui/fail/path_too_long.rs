#[mayfly::handler]
fn poooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo(_: u8) {}

fn main() {}
