#[mayfly::init]
fn setup() {}

fn main() {}
