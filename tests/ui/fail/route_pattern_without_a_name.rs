#[mayfly::get("/orders/{}")]
fn order() -> &'static str {
    "order"
}

fn main() {}
