#[mayfly::get("/orders/:id")]
fn order(_: axum::extract::Path<u32>) -> &'static str {
    "order"
}

fn main() {}
