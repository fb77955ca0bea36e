#[mayfly::init]
fn limit(_: Vec<u8>) -> u32 {
    3
}

fn main() {}
