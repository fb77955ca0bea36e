#[mayfly::handler]
pub struct Orders;

fn main() {}
