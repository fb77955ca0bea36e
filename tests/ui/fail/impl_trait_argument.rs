#[mayfly::handler]
fn process(_: u8, _: impl mayfly::FromInvocation) {}

fn main() {}
