#[mayfly::handler]
fn process(_: mayfly::Context) {}

fn main() {}
