//! `check`: a test of the whole registry.

use std::fmt;

use crate::error::Error;
use crate::registry::all;
use crate::registry::handler::Handler;
use crate::registry::plan;
use crate::registry::select;

/// Checks the whole registry of the test's binary for names that are registered twice, several `default` handlers,
/// states without an init or with two, and inits that need each other.
///
/// # Errors
/// Returns every problem that would keep one of the handlers from starting.
pub fn check() -> Result<(), Problems> {
    let handlers = all::sorted();
    let names = handlers
        .iter()
        .flat_map(|handler| handler.name.map(str::to_owned).into_iter().chain([handler.path().into_owned()]));
    let selected = names.filter_map(|name| select::by_name(&name).err());
    let planned = handlers.iter().filter_map(|handler| planned(handler).err());
    let mut problems: Vec<_> =
        selected.chain(planned).chain(select::default().err()).map(|error| error.message().to_owned()).collect();
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}

/// Plans the start of a handler, with its own around functions.
fn planned(handler: &'static Handler) -> Result<(), Error> {
    plan::plan(handler, plan::surrounding(handler, None)?).map(drop)
}

/// The problems that [`check`] found, one sentence each.
pub struct Problems(Vec<String>);

impl Problems {
    /// Iterates over the sentences.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Formats one problem per line, so that `unwrap` shows them well.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

/// Formats all problems on one line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::invoke::{Reply, invoke};

    #[test]
    fn problems_and_failures_can_be_returned_by_a_question_mark() {
        fn checked() -> Result<(), Error> {
            check()?;
            Err(Problems(vec!["one".to_owned(), "two".to_owned()]))?
        }
        fn invoked() -> Result<Reply, Box<dyn std::error::Error + Send + Sync>> {
            Ok(invoke("nothing").run()?)
        }
        let error = checked().unwrap_err();
        assert_eq!((error.name(), error.message()), ("mayfly::testing::check::Problems", "one; two"));
        let error = invoked().unwrap_err().to_string();
        assert!(error.starts_with("Runtime.HandlerNotFound: Handler not found: "), "{error}");
    }
}
