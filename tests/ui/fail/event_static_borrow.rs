#[mayfly::handler]
fn process(_: Option<&'static str>) {}

fn main() {}
