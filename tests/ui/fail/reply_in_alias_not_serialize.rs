struct Receipt;
type Answer = Result<Receipt, String>;

#[mayfly::handler]
fn process() -> Answer {
    Ok(Receipt)
}

fn main() {}
