//! An async handler.

use bench_event::{Event, Reply};
use mayfly::Context;

#[mayfly::handler]
#[expect(clippy::unused_async, reason = "what async costs is measured")]
async fn take(event: Event, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!();
