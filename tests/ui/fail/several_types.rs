struct Order;
struct Receipt;

#[mayfly::handler]
fn process(_: Order, _: Receipt) -> Result<Receipt, Receipt> {
    Err(Receipt)
}

fn main() {}
