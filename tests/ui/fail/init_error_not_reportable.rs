struct Refused;

#[mayfly::init]
fn limit() -> Result<u32, Refused> {
    Ok(3)
}

fn main() {}
