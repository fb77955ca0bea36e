//! All mistakes of a user at once: the first must not hide the others.

use std::fmt;

use quote::ToTokens;
use syn::{Error, Result};

/// All mistakes found so far, to be shown together.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    /// Notes the error of an outcome, if it is one.
    pub(crate) fn note(&mut self, outcome: Result<()>) {
        if let Err(error) = outcome {
            match &mut self.0 {
                Some(first) => first.combine(error),
                none => *none = Some(error),
            }
        }
    }

    /// Notes a mistake that `place` makes.
    pub(crate) fn add(&mut self, place: &impl ToTokens, message: impl fmt::Display) {
        self.note(Err(Error::new_spanned(place, message)));
    }

    /// # Errors
    /// All mistakes, if there are any.
    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
