//! The value of a function around a snapshot would be lost.

#[mayfly::before_snapshot]
async fn fallible() -> Result<String, String> {
    Ok(String::new())
}

#[mayfly::after_restore]
fn unawaited() -> impl Future<Output = ()> {
    async {}
}

fn main() {}
