use mayfly::batch::Sqs;

#[mayfly::batch]
#[mayfly::init]
fn both(_: Sqs<String>) {}

#[mayfly::batch]
struct NotAFunction;

struct Shop;

impl Shop {
    #[mayfly::batch]
    fn with_a_receiver(&self, _: Sqs<String>) {}
}

#[mayfly::batch]
unsafe fn not_safe(_: Sqs<String>) {}

#[mayfly::batch]
fn later(_: Sqs<String>) -> impl Future<Output = ()> {
    std::future::ready(())
}

#[mayfly::batch]
fn never(_: Sqs<String>) -> ! {
    panic!()
}

fn main() {}
