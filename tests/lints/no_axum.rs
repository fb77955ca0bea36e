//! Without the features `http` and `axum`: a service and a route get one error each.

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

fn main() {}
