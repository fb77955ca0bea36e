use std::future::{Future, Ready, ready};
use std::pin::Pin;

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[mayfly::handler]
fn pinned(_: u8) -> Later<u8> {
    Box::pin(async { 1 })
}

#[mayfly::handler]
fn at_once() -> Ready<u8> {
    ready(1)
}

#[mayfly::init]
fn state() -> Later<u16> {
    Box::pin(async { 1 })
}

fn main() {}
