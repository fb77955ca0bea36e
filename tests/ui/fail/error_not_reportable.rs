struct Refused;

#[mayfly::handler]
async fn process() -> Result<(), Box<Refused>> {
    Ok(())
}

fn main() {}
