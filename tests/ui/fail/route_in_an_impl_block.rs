struct Orders;

impl Orders {
    #[mayfly::get("/orders")]
    fn all() -> &'static str {
        "orders"
    }
}

fn main() {}
