#[mayfly::handler]
async fn process(_: u8, _: &mayfly::Context) {}

fn main() {}
