#[mayfly::handler]
unsafe extern "C" fn process(_: u8, _: ...) {}

fn main() {}
