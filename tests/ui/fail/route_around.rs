#[mayfly::get("/", around = audit)]
async fn home() {}

fn main() {}
