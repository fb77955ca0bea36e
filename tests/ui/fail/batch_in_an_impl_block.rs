use mayfly::batch::Sqs;

struct Orders;

impl Orders {
    #[mayfly::batch]
    fn process(_: Sqs<String>) {}
}

fn main() {}
