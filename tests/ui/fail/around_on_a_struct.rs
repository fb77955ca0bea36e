#[mayfly::around]
struct Timed;

fn main() {}
