//! Without the feature `async`: an `async fn` gets one error, a plain `fn` none.

#[mayfly::handler]
fn plain(_: u8, _: mayfly::State<u32>) {}

#[mayfly::handler]
async fn process(_: u8, _: mayfly::Context) -> Result<(), String> {
    Ok(())
}

#[mayfly::init]
async fn limit() -> u32 {
    3
}

fn main() {}
