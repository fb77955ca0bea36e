//! The function is generic.

#[mayfly::service]
fn api<T: Default>() -> axum::Router {
    axum::Router::new()
}

#[mayfly::service]
fn borrowing<'a>() -> axum::Router {
    axum::Router::new()
}

fn main() {}
