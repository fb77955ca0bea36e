#[mayfly::handler]
fn process(event: u8) -> impl Future<Output = u8> {
    async move { event }
}

fn main() {}
