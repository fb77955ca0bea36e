//! Misspelt and misplaced `stream`.

#[mayfly::service(streaming)]
fn misspelt() -> axum::Router {
    axum::Router::new()
}

#[mayfly::service(stream = true)]
fn with_a_value() -> axum::Router {
    axum::Router::new()
}

#[mayfly::handler(stream)]
fn a_handler() -> mayfly::Stream {
    mayfly::Stream::iter(["a"])
}

fn main() {}
