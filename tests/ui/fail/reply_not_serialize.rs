struct Receipt;

#[mayfly::handler]
fn process() -> Option<Receipt> {
    None
}

fn main() {}
