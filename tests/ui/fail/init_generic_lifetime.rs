#[mayfly::init]
fn name<'a>() -> &'a str {
    "limits"
}

fn main() {}
