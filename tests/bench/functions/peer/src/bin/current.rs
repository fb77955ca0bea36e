//! `lambda_runtime` on tokio's current-thread runtime, its leanest form.

use lambda_runtime::{Error, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(bench_peer::take)).await
}
