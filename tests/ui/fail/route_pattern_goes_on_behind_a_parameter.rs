#[mayfly::get("/orders/{id}.json")]
fn order() -> &'static str {
    "order"
}

fn main() {}
