//! The application as a service.

use axum::Router;

#[mayfly::service]
fn take() -> Router {
    bench_router::router()
}

mayfly::main!();
