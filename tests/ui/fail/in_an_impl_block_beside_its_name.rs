struct Orders;

impl Orders {
    #[mayfly::handler]
    fn process(number: u8) -> u8 {
        number
    }
}

fn process(number: u8) -> u8 {
    number + 1
}

fn main() {
    process(Orders::process(1));
}
