//! A sync handler with an event that borrows from the payload, which `lambda_runtime` does not offer.

use bench_event::{BorrowedEvent, Reply};
use mayfly::Context;

#[mayfly::handler]
fn take(event: BorrowedEvent<'_>, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!();
