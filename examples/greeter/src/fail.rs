//! Every way to fail, each reported in its own form.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::num::ParseIntError;

use mayfly::{Error, ResultExt, State};
use serde::de::IgnoredAny;

/// A typed error with a source: its full path is the `errorType`.
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

/// Fails with a type of its own.
///
/// # Errors
/// Always [`Refused`].
#[mayfly::handler]
pub fn refuse() -> Result<(), Refused> {
    "many".parse::<u32>().map(drop).map_err(|source| Refused { source })
}

/// Fails at a `?`, whose line stands first in the stack trace.
///
/// # Errors
/// Always, as "many" is not a number.
#[mayfly::handler]
pub fn question_mark() -> Result<u32, Error> {
    let quantity: u32 = "many".parse().context("the quantity of an order")?;
    Ok(quantity)
}

/// Fails under a name that Step Functions can match.
///
/// # Errors
/// Always `OrderRejected`.
#[mayfly::handler]
pub fn named() -> Result<(), Error> {
    Err(Error::new("OrderRejected", "the warehouse is closed"))
}

/// Fails with no more than a text.
///
/// # Errors
/// Always.
#[mayfly::handler]
pub fn text() -> Result<(), String> {
    Err("out of stock".to_owned())
}

/// Fails with a boxed error that has a cause.
///
/// # Errors
/// Always [`Refused`], in a box.
#[mayfly::handler]
pub fn boxed() -> Result<(), Box<dyn StdError + Send + Sync>> {
    Ok(refuse()?)
}

/// An error that can only be debugged.
#[derive(Debug)]
pub struct Opaque {
    /// What is known of it.
    pub code: u16,
}

/// Fails with a value that is no more than `Debug`.
///
/// # Errors
/// Always [`Opaque`].
#[mayfly::handler]
pub fn debug_only() -> Result<(), Opaque> {
    Err(Opaque { code: 7 })
}

/// Panics.
///
/// # Panics
/// Always.
#[mayfly::handler]
pub fn explode() {
    panic!("the kettle exploded");
}

/// Panics after an await.
///
/// # Panics
/// Always.
#[mayfly::handler]
pub async fn explode_async() {
    tokio::task::yield_now().await;
    panic!("the kettle exploded later");
}

/// Goes on while a task that it spawned panics.
///
/// # Panics
/// Only in that task.
#[mayfly::handler]
pub async fn explode_task() -> String {
    let kettle = tokio::spawn(async { panic!("the kettle exploded elsewhere") });
    match kettle.await {
        Ok(()) => "tea".to_owned(),
        Err(error) => format!("no tea: {error}"),
    }
}

/// Replies with what JSON cannot hold: its objects have only strings as keys.
#[mayfly::handler]
pub fn unserializable() -> BTreeMap<(u8, u8), u8> {
    BTreeMap::from([((1, 2), 3)])
}

/// A state that cannot be built.
#[derive(Debug)]
pub struct Kettle;

#[mayfly::init]
fn kettle() -> Result<Kettle, Refused> {
    refuse().map(|()| Kettle)
}

/// Needs a state whose init fails: the function never starts.
#[mayfly::handler]
pub fn init(_: IgnoredAny, _kettle: State<Kettle>) {}
