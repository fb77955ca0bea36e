struct Orders;

#[mayfly::handler]
unsafe impl Send for Orders {}

fn main() {}
