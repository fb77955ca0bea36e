#[mayfly::handler]
extern "C" fn process(_: u8) {}

fn main() {}
