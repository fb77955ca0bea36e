#[mayfly::init]
fn limit() -> impl Future<Output = u32> {
    async { 3 }
}

fn main() {}
