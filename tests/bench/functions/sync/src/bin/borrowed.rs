//! A sync handler whose event borrows from the payload: what `lambda_runtime` cannot do.

use bench_event::{BorrowedEvent, Reply};
use mayfly::Context;

#[mayfly::handler]
fn take(event: BorrowedEvent<'_>, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!();
