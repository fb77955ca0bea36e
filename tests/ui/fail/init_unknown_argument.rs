#[mayfly::init(name = "limit")]
fn limit() -> u32 {
    3
}

fn main() {}
