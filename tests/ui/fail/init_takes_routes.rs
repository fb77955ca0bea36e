#[mayfly::init]
fn count(_: mayfly::Routes) -> u32 {
    3
}

fn main() {}
