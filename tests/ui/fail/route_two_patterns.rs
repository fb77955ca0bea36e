#[mayfly::get("/orders", "/bookings")]
fn orders() -> &'static str {
    "orders"
}

fn main() {}
