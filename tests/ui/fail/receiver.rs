struct Orders;

impl Orders {
    #[mayfly::handler]
    fn process(&self, _: u8) {}
}

fn main() {}
