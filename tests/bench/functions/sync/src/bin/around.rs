//! A sync handler inside of a sync around function that does nothing.

use bench_event::{Event, Reply};
use mayfly::{Context, Error, Invocation, Next, around};

#[mayfly::around]
fn passing(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run_blocking()
}

#[mayfly::handler]
fn take(event: Event, context: Context) -> Reply {
    event.reply(context.request_id)
}

mayfly::main!(around = passing);
