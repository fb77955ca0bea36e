#[mayfly::handler]
fn process(_: u8, _: &mut mayfly::State<u32>) {}

fn main() {}
