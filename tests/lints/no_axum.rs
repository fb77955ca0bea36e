//! Without the features `http`, `axum` and `shutdown`: a service, a route and a shutdown function get one error each.

struct Api;

#[mayfly::service]
fn api() -> Api {
    Api
}

#[mayfly::get("/orders/{id}")]
async fn order(_: String) -> &'static str {
    "order"
}

#[mayfly::route("/orders", methods = [GET, POST])]
fn orders() -> &'static str {
    "orders"
}

#[mayfly::shutdown]
fn flush() {}

fn main() {}
