#[mayfly::handler]
fn count(_: u32, _: mayfly::Routes) -> u32 {
    3
}

fn main() {}
