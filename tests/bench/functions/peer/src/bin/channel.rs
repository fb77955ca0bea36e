//! A streamed reply of `lambda_runtime` as its documentation shows it, with a channel that a task fills, on tokio's
//! current-thread runtime.

use bench_event::Order;
use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

/// Sends copies of a text: the channel takes owned bytes, and the documentation makes them for each chunk.
async fn take(event: LambdaEvent<Order>) -> Result<Response<Body>, Error> {
    let (mut tx, rx) = channel();
    tokio::spawn(async move {
        for _ in 0..event.payload.chunks() {
            if tx.send_data(event.payload.chunk().to_vec().into()).await.is_err() {
                return;
            }
        }
    });
    Ok(Response::from(rx))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(take)).await
}
