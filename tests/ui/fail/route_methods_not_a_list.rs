#[mayfly::route("/orders", methods = "GET")]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
