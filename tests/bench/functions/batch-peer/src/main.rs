//! The loop over a batch of messages, written by hand, on tokio's current-thread runtime, its leanest form.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bench_event::Purchase;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(take)).await
}

async fn take(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        if let Err(error) = handle(message.body.as_deref().unwrap_or_default()) {
            let id = message.message_id.unwrap_or_default();
            tracing::error!("message {id} failed: {error}");
            response.add_failure(id);
        }
    }
    Ok(response)
}

fn handle(body: &str) -> Result<(), Error> {
    let order: Purchase = serde_json::from_str(body)?;
    Ok(order.handle()?)
}
