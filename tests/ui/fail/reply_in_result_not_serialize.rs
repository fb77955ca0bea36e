struct Receipt;

#[mayfly::handler]
async fn process() -> Result<Vec<Receipt>, String> {
    Ok(Vec::new())
}

fn main() {}
