#[mayfly::handler]
#[test]
fn process() {}

fn main() {}
