struct Refused;
type Answer<T> = Result<T, Refused>;

#[mayfly::handler]
fn process() -> Answer<u8> {
    Ok(1)
}

fn main() {}
