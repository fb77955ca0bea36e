use axum::extract::Path;

#[mayfly::get("/orders/{id}")]
fn order(Path((_, _)): Path<(u32, u32)>) -> &'static str {
    "order"
}

fn main() {}
