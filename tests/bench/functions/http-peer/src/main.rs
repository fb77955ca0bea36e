//! The application on `lambda_http`, on tokio's current-thread runtime, its leanest form.

use lambda_http::{Error, run, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(bench_router::router()).await
}
