#[mayfly::route("/orders", methods = [GET, FETCH])]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
