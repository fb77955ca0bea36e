//! Every shape of generated code under strict lints, compiled in three editions.
#![forbid(unsafe_code, unused_imports)]
#![deny(warnings, missing_docs, unused_qualifications, deprecated, unreachable_pub)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility, future_incompatible, nonstandard_style)]
#![deny(
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unused_crate_dependencies,
    unused_lifetimes,
    unused_results
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::absolute_paths,
    clippy::default_numeric_fallback,
    clippy::expect_used,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::missing_docs_in_private_items,
    clippy::panic,
    clippy::question_mark_used,
    clippy::shadow_reuse,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::unwrap_used
)]
// The functions below break these lints themselves.
#![allow(clippy::elidable_lifetime_names, clippy::future_not_send, clippy::missing_const_for_fn, clippy::unused_async)]

use std::borrow::Cow;
use std::error::Error as StdError;
use std::process::ExitCode;

use mayfly::around::{Arounds, Reply};
use mayfly::batch::{Bytes, DynamoDb, EventBridge, Kafka, Kinesis, Sns, Sqs, Text};
use mayfly::{Context, Error, Invocation, Next, State, Stream};

/// An order, which borrows from the payload.
#[derive(Debug, serde::Deserialize)]
pub struct Order<'a> {
    /// The name of the product.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// The prices.
#[derive(Clone, Copy, Debug)]
pub struct Prices {
    /// The price in cents.
    pub each: u32,
}

/// Makes the prices.
#[mayfly::init]
#[must_use]
pub fn prices() -> Prices {
    Prices { each: 3 }
}

/// Makes a state from another.
///
/// # Errors
/// Never.
#[mayfly::init]
pub async fn total(prices: State<Prices>) -> Result<u64, String> {
    Ok(u64::from(prices.each))
}

/// Runs before a snapshot.
#[mayfly::before_snapshot]
pub fn close() {}

/// Runs after the restore.
///
/// # Errors
/// Never.
#[mayfly::after_restore]
pub async fn reopen(prices: State<Prices>) -> Result<(), String> {
    drop(prices.each.to_string());
    Ok(())
}

/// Takes nothing and returns nothing.
#[mayfly::handler]
pub fn nothing() {}

/// Takes everything.
///
/// # Errors
/// Never.
#[mayfly::handler(name = "orders", default)]
pub async fn process(
    order: Order<'_>,
    context: Context,
    State(total): State<u64>,
    prices: State<Prices>,
) -> Result<String, Error> {
    Ok(format!("{} {} {} {}", order.name, context.request_id, total, prices.each))
}

/// Lends the event to the reply.
#[mayfly::handler]
#[must_use]
pub fn lent<'a>(order: Order<'a>, _: Context) -> Cow<'a, str> {
    order.name
}

/// Fails with a boxed error.
///
/// # Errors
/// Never.
#[mayfly::handler]
pub async fn boxed(_: Vec<Option<u8>>) -> Result<(), Box<dyn StdError + Send + Sync>> {
    Ok(())
}

/// Streams its reply.
#[mayfly::handler]
pub fn streamed(rows: u32) -> Stream {
    Stream::iter((0..rows).map(|row| row.to_string()))
}

/// Streams its reply, or fails before it.
///
/// # Errors
/// Never.
#[mayfly::handler]
pub async fn written(text: String, _: State<Prices>) -> Result<Stream, Error> {
    Ok(Stream::async_writer(async move |out| out.write_all(text.as_bytes()).await.map_err(Error::from)))
}

/// Runs around some of the handlers.
///
/// # Errors
/// Those of the handler.
#[mayfly::around]
pub fn surrounding(
    _: &Invocation<'_>,
    next: Next<'_>,
    context: Context,
    _: State<Prices>,
) -> Result<Reply, Box<dyn StdError + Send + Sync>> {
    if context.request_id.is_empty() { next.run_blocking().map_err(|error| error.to_string().into()) } else { Ok(Reply::default()) }
}

/// Awaits some of the handlers.
///
/// # Errors
/// Those of the handler.
#[mayfly::around]
pub async fn awaiting(invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    if invocation.payload().is_empty() { Ok(Reply::from_bytes(Vec::new())) } else { next.run().await }
}

/// A deprecated function around handlers.
///
/// # Errors
/// Those of the handler.
#[deprecated(note = "take `awaiting`")]
#[mayfly::around]
pub fn former(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run_blocking()
}

/// Both functions.
pub const AROUNDS: Arounds = mayfly::arounds![surrounding, awaiting];

/// Runs inside of functions.
#[mayfly::handler(around = [surrounding, awaiting])]
pub async fn surrounded() {}

/// Runs inside of one function.
#[mayfly::handler(around = awaiting)]
pub fn surrounded_once(_: u8) {}

/// Runs inside of the functions of a list.
#[mayfly::handler(around = AROUNDS)]
pub fn surrounded_twice() {}

/// A deprecated handler, which is still registered.
#[deprecated(note = "take `process`")]
#[mayfly::handler]
pub fn old(_: String) {}

/// A private handler that takes by value what it only reads.
#[mayfly::handler]
fn quiet(_: u8, context: Context) -> usize {
    context.request_id.len()
}

/// The outcome of a record.
pub type Outcome = Result<(), Box<dyn StdError>>;

/// Takes a message, several at once.
///
/// # Errors
/// Never.
#[mayfly::batch(name = "queue", concurrency = 20, report_all)]
pub async fn batch_of_sqs(
    message: Sqs<Sns<EventBridge<Bytes>>>,
    context: Context,
    State(total): State<u64>,
    prices: State<Prices>,
) -> Outcome {
    println!("{} {} {total} {}", message.detail.len(), context.request_id, prices.each);
    Ok(())
}

/// Takes a record of a stream.
#[mayfly::batch]
pub fn batch_of_kinesis(click: Kinesis<Text>, _: State<Prices>) {
    println!("{}", &**click);
}

/// Takes a change in a table.
///
/// # Errors
/// Never.
#[mayfly::batch]
async fn batch_of_dynamodb(account: DynamoDb<Vec<(String, u8)>>) -> Result<(), Error> {
    account.old().map(drop)
}

/// Takes a record of a topic.
///
/// # Errors
/// Never.
#[mayfly::batch]
pub fn batch_of_kafka(_: Kafka<String>) -> Result<(), String> {
    Ok(())
}

/// A deprecated batch function, which is still registered.
#[deprecated(note = "take `batch_of_sqs`")]
#[mayfly::batch]
pub async fn batch_of_old(_: Sqs<u8>) {}

/// A module and a function with keywords as names.
pub mod r#type {
    /// Is found as `type::match`.
    #[mayfly::handler]
    #[must_use]
    pub fn r#match(event: u8) -> u8 {
        event
    }
}

fn main() -> ExitCode {
    mayfly::run_around(AROUNDS)
}
