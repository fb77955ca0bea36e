use std::future::{Future, IntoFuture, Ready};
use std::io;
use std::pin::Pin;

#[mayfly::handler]
fn pinned(_: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async { 1 })
}

#[mayfly::handler]
fn implied() -> Pin<Box<impl Future<Output = u8>>> {
    Box::pin(async { 1 })
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[mayfly::handler]
fn aliased(_: u8) -> BoxFuture<'static, u8> {
    Box::pin(async { 1 })
}

#[mayfly::handler]
fn fallible() -> Result<BoxFuture<'static, u8>, io::Error> {
    Ok(Box::pin(async { 1 }))
}

#[mayfly::handler]
fn later() -> impl IntoFuture<Output = u8> {
    async { 1 }
}

#[mayfly::handler]
async fn twice() -> BoxFuture<'static, u8> {
    Box::pin(async { 1 })
}

#[mayfly::init]
fn state() -> Pin<Box<dyn Future<Output = Ready<u8>>>> {
    Box::pin(async { std::future::ready(1) })
}

fn main() {}
