#[mayfly::handler]
fn process<T: Default>(_: u8) {}

fn main() {}
