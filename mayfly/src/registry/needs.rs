//! The states that one function of the user's needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;
use crate::invocation::state::{Needs, StateType};
use crate::panic::caught;

/// Collects the states that one function's `needs` asks for; a panic of the user's code in it is the error.
pub(crate) fn states(needs: fn(&mut Needs)) -> Result<Vec<StateType>, Error> {
    let mut wanted = Needs::default();
    catch_unwind(AssertUnwindSafe(|| needs(&mut wanted))).map_err(caught::to_error)?;
    Ok(wanted.into_types())
}
