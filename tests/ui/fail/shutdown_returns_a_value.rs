//! The value of a shutdown function would be lost.

#[mayfly::shutdown]
fn plain() -> u8 {
    7
}

#[mayfly::shutdown]
async fn fallible() -> Result<String, String> {
    Ok(String::new())
}

#[mayfly::shutdown]
fn unawaited() -> impl Future<Output = ()> {
    async {}
}

fn main() {}
