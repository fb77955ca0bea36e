struct Order;

#[mayfly::handler]
async fn process(_: Order) {}

fn main() {}
