//! The function on `lambda_runtime`, written as in its own template.

use bench_event::{Event, Reply};
use lambda_runtime::{Error, LambdaEvent};

/// The handler.
///
/// # Errors
/// Never; the signature is that of the template.
#[expect(clippy::unused_async, reason = "lambda_runtime takes async functions only")]
pub async fn take(event: LambdaEvent<Event>) -> Result<Reply, Error> {
    Ok(event.payload.reply(event.context.request_id))
}
