#[mayfly::handler]
#[mayfly::init]
fn limit() -> u32 {
    3
}

fn main() {}
