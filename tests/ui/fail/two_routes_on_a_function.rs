#[mayfly::get("/orders")]
#[mayfly::post("/orders")]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
