#[mayfly::handler]
unsafe fn process(_: u8) {}

fn main() {}
