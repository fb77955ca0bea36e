use axum::extract::Path;

#[mayfly::get("/orders/{id}/lines/{line}")]
fn line(Path(_): Path<u32>) -> &'static str {
    "line"
}

fn main() {}
