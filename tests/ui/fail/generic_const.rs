#[mayfly::handler]
fn process<const N: usize>(_: [u8; 3]) {}

fn main() {}
