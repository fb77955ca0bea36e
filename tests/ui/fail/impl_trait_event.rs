#[mayfly::handler]
fn process(_: impl Into<String>) {}

fn main() {}
