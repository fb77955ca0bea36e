//! Each conversion into `mayfly::Error`, and the methods that may follow it.

use std::error::Error as StdError;
use std::fmt::Display;
use std::sync::Arc;

use mayfly::{Error, ResultExt};

fn by_question_mark(text: String) -> Result<u8, Error> {
    let number: u8 = text.parse()?;
    let number: u8 = number.to_string().parse::<u8>().map_err(Box::new)?;
    let number: u8 = number.to_string().parse::<u8>().map_err(Arc::new)?;
    Ok(by_method(Ok(number))?)
}

fn by_method(result: Result<u8, Box<dyn StdError + Send + Sync>>) -> Result<u8, Error> {
    let number = result.boxed_err().context("a box").named("Boxed")?;
    let number = anyhow::Ok(number).boxed_err()?;
    let number = Ok::<_, Arc<dyn StdError>>(number).boxed_err()?;
    let number = Ok::<_, String>(number).msg_err()?;
    let number = Ok::<_, &str>(number).msg_err().context("a text")?;
    Ok::<_, Error>(number).context("its own")
}

fn generic<E: StdError>(result: Result<u8, E>, shown: Result<u8, impl Display>) -> Result<u8, Error> {
    let number = shown.msg_err()?;
    Ok(result? + number)
}

/// A type that does not implement `std::error::Error` and has a conversion of its own.
struct Closed;

impl From<Closed> for Error {
    fn from(_: Closed) -> Self {
        Self::new("Closed", "the shop is closed")
    }
}

fn by_own_conversion(result: Result<u8, Closed>) -> Result<u8, Error> {
    let again = || Err::<u8, _>(Closed).context("again");
    result.or_else(|_| again()).or_else(|_| Err(Closed)?)
}

#[mayfly::handler]
fn convert(text: String) -> Result<u8, Error> {
    generic(text.parse::<u8>(), Ok::<_, String>(1)).named("Generic")?;
    by_own_conversion(Ok(1))?;
    by_question_mark(text)
}
