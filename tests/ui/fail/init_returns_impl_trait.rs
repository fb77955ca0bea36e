#[mayfly::init]
fn names() -> Result<impl Iterator<Item = u8>, String> {
    Ok(std::iter::empty())
}

fn main() {}
