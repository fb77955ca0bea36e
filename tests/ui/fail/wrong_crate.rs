#[mayfly::handler(crate = mayflies)]
fn process(_: u8, _: mayfly::Context) {}

fn main() {}
