//! Handlers that fail, one for each kind of failure.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::num::ParseIntError;

use mayfly::{Error, ResultExt, State};
use serde::de::IgnoredAny;

/// A typed error with a source. The full path of the type becomes the `errorType`.
#[derive(Debug)]
pub struct Refused {
    source: ParseIntError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order was refused")
    }
}

impl StdError for Refused {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// Fails with a typed error.
///
/// # Errors
/// Always returns [`Refused`].
#[mayfly::handler]
pub fn refuse() -> Result<(), Refused> {
    "many".parse::<u32>().map(drop).map_err(|source| Refused { source })
}

/// Fails at a `?`, whose line comes first in the stack trace.
///
/// # Errors
/// Always fails, since "many" is not a number.
#[mayfly::handler]
pub fn question_mark() -> Result<u32, Error> {
    let quantity: u32 = "many".parse().context("the quantity of an order")?;
    Ok(quantity)
}

/// Fails under a name that Step Functions can match.
///
/// # Errors
/// Always returns an error of the type `OrderRejected`.
#[mayfly::handler]
pub fn named() -> Result<(), Error> {
    Err(Error::new("OrderRejected", "the warehouse is closed"))
}

/// Fails with a plain text.
///
/// # Errors
/// Always fails.
#[mayfly::handler]
pub fn text() -> Result<(), String> {
    Err("out of stock".to_owned())
}

/// Fails with a boxed error that has a cause.
///
/// # Errors
/// Always returns a boxed [`Refused`].
#[mayfly::handler]
pub fn boxed() -> Result<(), Box<dyn StdError + Send + Sync>> {
    Ok(refuse()?)
}

/// An error that implements `Debug` only.
#[derive(Debug)]
pub struct Opaque {
    /// A code that `Debug` prints.
    pub code: u16,
}

/// Fails with a value that implements `Debug` only.
///
/// # Errors
/// Always returns [`Opaque`].
#[mayfly::handler]
pub fn debug_only() -> Result<(), Opaque> {
    Err(Opaque { code: 7 })
}

/// Panics.
///
/// # Panics
/// Always panics.
#[mayfly::handler]
pub fn explode() {
    panic!("the kettle exploded");
}

/// Panics after an await.
///
/// # Panics
/// Always panics.
#[mayfly::handler]
pub async fn explode_async() {
    tokio::task::yield_now().await;
    panic!("the kettle exploded later");
}

/// Replies although a task that it spawned panics.
///
/// # Panics
/// Only the task panics.
#[mayfly::handler]
pub async fn explode_task() -> String {
    let kettle = tokio::spawn(async { panic!("the kettle exploded elsewhere") });
    match kettle.await {
        Ok(()) => "tea".to_owned(),
        Err(error) => format!("no tea: {error}"),
    }
}

/// Returns a value that JSON cannot hold: keys of a JSON object are strings.
#[mayfly::handler]
pub fn unserializable() -> BTreeMap<(u8, u8), u8> {
    BTreeMap::from([((1, 2), 3)])
}

/// A state whose init fails.
#[derive(Debug)]
pub struct Kettle;

#[mayfly::init]
fn kettle() -> Result<Kettle, Refused> {
    refuse().map(|()| Kettle)
}

/// Needs a state whose init fails, so the function never starts.
#[mayfly::handler]
pub fn init(_: IgnoredAny, _kettle: State<Kettle>) {}
