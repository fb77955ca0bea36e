//! A batch of messages, sync and async.

use bench_event::{Purchase, TooLarge};
use mayfly::batch::Sqs;

#[mayfly::batch]
fn take(order: Sqs<Purchase>) -> Result<(), TooLarge> {
    order.handle()
}

#[mayfly::batch(concurrency = 10)]
#[expect(clippy::unused_async, reason = "what async costs is measured")]
async fn take_async(order: Sqs<Purchase>) -> Result<(), TooLarge> {
    order.handle()
}

mayfly::main!();
