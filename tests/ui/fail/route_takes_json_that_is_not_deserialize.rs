use axum::Json;

struct Order;

#[mayfly::post("/orders")]
async fn place(_: Json<Order>) -> &'static str {
    "placed"
}

fn main() {}
