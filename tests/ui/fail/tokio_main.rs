#[mayfly::handler]
#[tokio::main]
async fn process(_: u8) {}

fn main() {}
