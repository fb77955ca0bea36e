use mayfly::batch::Sqs;

#[mayfly::batch(concurrency = 20)]
fn sync(_: Sqs<String>) {}

#[mayfly::batch(concurrency = 0)]
async fn none(_: Sqs<String>) {}

#[mayfly::batch(concurrency)]
async fn no_number(_: Sqs<String>) {}

#[mayfly::batch(window = 5)]
async fn unknown(_: Sqs<String>) {}

fn main() {}
