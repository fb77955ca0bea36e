//! `lambda_runtime` on tokio's multi-thread runtime, the form of its template.

use lambda_runtime::{Error, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(bench_peer::take)).await
}
