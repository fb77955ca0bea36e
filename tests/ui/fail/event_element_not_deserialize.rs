struct Order;

#[mayfly::handler]
fn process(_: Option<Vec<Order>>) {}

fn main() {}
