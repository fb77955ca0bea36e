//! A streamed reply of `lambda_runtime` at its best: bytes that are not copied, on tokio's current-thread runtime.

use std::iter::{Map, RepeatN, repeat_n};

use bench_event::Order;
use bytes::Bytes;
use futures_util::stream::{self, Iter};
use lambda_runtime::streaming::Response;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

type Chunks = Iter<Map<RepeatN<Bytes>, fn(Bytes) -> Result<Bytes, Error>>>;

/// Hands out pieces of a text, without copying it.
async fn take(event: LambdaEvent<Order>) -> Result<Response<Chunks>, Error> {
    let chunk = Bytes::from_static(event.payload.chunk());
    Ok(stream::iter(repeat_n(chunk, event.payload.chunks()).map(Ok as _)).into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(take)).await
}
