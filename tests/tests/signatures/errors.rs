use std::error::Error as StdError;
use std::sync::Arc;

#[derive(Debug)]
struct OnlyDebug;

#[mayfly::handler]
fn own() -> Result<(), mayfly::Error> {
    Ok("1".parse::<u8>().map(drop)?)
}

#[mayfly::handler]
fn typed() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[mayfly::handler]
fn in_a_box() -> Result<(), Box<std::fmt::Error>> {
    Ok(())
}

#[mayfly::handler]
async fn shared() -> Result<(), Arc<std::fmt::Error>> {
    Ok(())
}

#[mayfly::handler]
fn boxed() -> Result<(), Box<dyn StdError>> {
    Ok(())
}

#[mayfly::handler]
async fn boxed_and_sendable() -> Result<(), Box<dyn StdError + Send + Sync>> {
    Ok(())
}

#[mayfly::handler]
async fn anyhow() -> anyhow::Result<()> {
    Ok(())
}

#[mayfly::handler]
fn displayed() -> Result<(), String> {
    Ok(())
}

#[mayfly::handler]
fn debugged() -> Result<(), OnlyDebug> {
    Err(OnlyDebug)
}
