struct Orders;

impl Orders {
    #[mayfly::handler]
    fn process(_: u8, _: mayfly::Context) {}
}

fn main() {}
