#[mayfly::handler]
fn nothing() {}

#[mayfly::handler]
async fn nothing_async() {}

#[mayfly::handler]
fn context_only(_: serde::de::IgnoredAny, _: mayfly::Context) {}
