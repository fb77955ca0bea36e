#[mayfly::get("/orders")]
#[mayfly::handler]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
