#[mayfly::handler]
fn process(_: u8) -> u8 {
    "one"
}

fn main() {}
