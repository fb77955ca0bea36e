#[mayfly::init]
fn limit(_: mayfly::Context) -> u32 {
    3
}

fn main() {}
