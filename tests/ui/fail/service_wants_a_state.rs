//! The router has no state yet.

#[derive(Clone)]
struct Db;

#[mayfly::service]
fn api() -> axum::Router<Db> {
    axum::Router::new()
}

fn main() {}
