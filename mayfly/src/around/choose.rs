//! The search for the around functions that a list names.

use super::chain::Chosen;
use super::named::Named;
use super::surrounding::Surrounding;
use crate::error::Error;
use crate::invocation::state::init_error;
use crate::registry::around::Around;

/// Finds the registrations of the named functions, and keeps them for the life of the process.
pub(super) fn choose(lists: [&[Named]; 2]) -> Result<&'static dyn Surrounding, Error> {
    let arounds = lists.into_iter().flatten().map(registration).collect::<Result<_, _>>()?;
    Ok(Box::leak(Box::new(Chosen(arounds))))
}

fn registration(named: &Named) -> Result<&'static Around, Error> {
    let id = (named.id)();
    inventory::iter::<Around>().find(|around| (around.id)() == id).ok_or_else(|| {
        init_error(format_args!(
            "`around = …` names `{}`, which is not under `#[mayfly::around]`; add the attribute to the function",
            (named.name)()
        ))
    })
}
