use mayfly::batch::Sqs;

#[mayfly::batch]
fn value(_: Sqs<String>) -> u64 {
    7
}

#[mayfly::batch]
async fn in_a_result(_: Sqs<String>) -> Result<String, mayfly::Error> {
    Ok(String::new())
}

fn main() {}
