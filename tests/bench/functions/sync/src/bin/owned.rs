//! A sync handler.

use bench_event::{Event, Reply};
use mayfly::Context;

#[mayfly::handler]
fn take(event: Event, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!();
