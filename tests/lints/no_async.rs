//! Without the feature `async`: an `async fn` gets one error, a plain `fn` none.

#[mayfly::handler]
fn plain(_: u8, _: mayfly::State<u32>) {}

#[mayfly::handler]
async fn process(_: u8, _: mayfly::Context) -> Result<(), String> {
    Ok(())
}

#[mayfly::batch(concurrency = 2)]
async fn batch(_: mayfly::batch::Sqs<u8>, _: mayfly::Context) -> Result<(), String> {
    Ok(())
}

#[mayfly::batch]
fn plain_batch(_: mayfly::batch::Sqs<u8>, _: mayfly::State<u32>) {}

#[mayfly::init]
async fn limit() -> u32 {
    3
}

#[mayfly::around]
async fn timed(_: &mayfly::Invocation<'_>, next: mayfly::Next<'_>) -> Result<mayfly::around::Reply, mayfly::Error> {
    drop(next);
    mayfly::around::Reply::new(())
}

#[mayfly::around]
fn passing(_: &mayfly::Invocation<'_>, next: mayfly::Next<'_>) -> Result<mayfly::around::Reply, mayfly::Error> {
    next.run_blocking()
}

#[mayfly::handler(around = [timed, passing])]
fn surrounded() {}

fn main() {}
