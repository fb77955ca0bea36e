use mayfly::State;

#[mayfly::handler]
async fn process(_: State<u32>) {}

fn main() {}
