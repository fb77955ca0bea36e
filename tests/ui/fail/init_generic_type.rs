#[mayfly::init]
fn limit<T>() -> u32 {
    3
}

fn main() {}
