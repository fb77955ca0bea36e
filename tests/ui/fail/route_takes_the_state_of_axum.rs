use axum::extract::State;

#[mayfly::get("/orders")]
async fn orders(_: State<u32>) -> &'static str {
    "orders"
}

fn main() {}
