struct Order;

#[mayfly::get("/orders")]
async fn orders() -> Order {
    Order
}

fn main() {}
