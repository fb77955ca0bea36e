#[mayfly::service]
fn api(_: mayfly::Context) -> axum::Router {
    axum::Router::new()
}

fn main() {}
