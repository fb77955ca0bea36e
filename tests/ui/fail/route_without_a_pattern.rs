#[mayfly::get]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
