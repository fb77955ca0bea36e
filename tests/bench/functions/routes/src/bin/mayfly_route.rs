//! One handler of the application as a route.

use axum::Json;
use axum::extract::{Path, Query};
use bench_router::{Order, Page};

#[mayfly::get("/orders/{id}")]
async fn take(id: Path<u64>, page: Query<Page>) -> Json<Order> {
    bench_router::order(id, page).await
}

mayfly::main!();
