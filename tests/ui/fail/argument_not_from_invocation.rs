#[mayfly::handler]
fn process(_: u8, _: Vec<String>) {}

fn main() {}
