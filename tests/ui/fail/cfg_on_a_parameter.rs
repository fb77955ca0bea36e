#[mayfly::handler]
fn process(_: u8, #[cfg(unix)] _: mayfly::Context) {}

fn main() {}
