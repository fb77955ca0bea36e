struct Order;

#[mayfly::get("/orders")]
async fn orders() -> Result<Order, mayfly::Error> {
    Ok(Order)
}

fn main() {}
