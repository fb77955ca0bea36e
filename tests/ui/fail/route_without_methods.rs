#[mayfly::route("/orders")]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
