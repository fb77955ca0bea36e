//! `lambda_runtime` with several invocations at a time, on tokio's multi-thread runtime.

use lambda_runtime::{Error, run_concurrent, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run_concurrent(service_fn(bench_peer::take)).await
}
