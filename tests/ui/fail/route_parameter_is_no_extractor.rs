struct Order;

#[mayfly::get("/orders")]
async fn orders(_: Order, _: mayfly::Context) -> &'static str {
    "orders"
}

fn main() {}
