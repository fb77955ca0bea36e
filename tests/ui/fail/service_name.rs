//! Names that Lambda's setting does not accept.

#[mayfly::service(name = "")]
fn empty() -> axum::Router {
    axum::Router::new()
}

#[mayfly::service(name = "a b", state)]
fn blank() -> axum::Router {
    axum::Router::new()
}

fn main() {}
