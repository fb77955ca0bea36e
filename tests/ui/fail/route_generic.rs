#[mayfly::get("/orders")]
fn orders<T: axum::extract::FromRequestParts<()>>(_: T) {}

fn main() {}
