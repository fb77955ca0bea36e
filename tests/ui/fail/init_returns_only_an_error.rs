#[mayfly::init]
async fn setup() -> Result<(), String> {
    Ok(())
}

fn main() {}
