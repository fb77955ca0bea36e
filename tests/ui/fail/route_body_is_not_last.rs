use axum::Json;
use axum::http::HeaderMap;

#[mayfly::post("/orders")]
async fn place(_: Json<u32>, _: HeaderMap) -> &'static str {
    "placed"
}

fn main() {}
