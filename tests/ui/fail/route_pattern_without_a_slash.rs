#[mayfly::get("orders")]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
