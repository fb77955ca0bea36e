//! The function takes a request, which its service is to take.

#[mayfly::service]
fn api(_request: http::Request<mayfly::http::Body>) -> axum::Router {
    axum::Router::new()
}

fn main() {}
