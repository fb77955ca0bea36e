//! An async handler inside of two async around functions that do nothing.

use bench_event::{Event, Reply};
use mayfly::{Context, Error, Invocation, Next, around};

#[mayfly::around]
async fn passing(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run().await
}

#[mayfly::around]
async fn again(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run().await
}

#[mayfly::handler]
#[expect(clippy::unused_async, reason = "what async costs is measured")]
async fn take(event: Event, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!(around = [passing, again]);
