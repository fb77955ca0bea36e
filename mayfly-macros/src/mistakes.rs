//! The mistakes under one attribute, reported together so that the first does not hide the others.

use std::fmt;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Error, Result};

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    /// Adds the error of a step that failed.
    pub(crate) fn note(&mut self, step: Result<()>) {
        if let Err(error) = step {
            match &mut self.0 {
                Some(first) => first.combine(error),
                none => *none = Some(error),
            }
        }
    }

    /// Adds a mistake; the compiler underlines `place`.
    pub(crate) fn add(&mut self, place: &impl ToTokens, message: impl fmt::Display) {
        self.note(Err(Error::new_spanned(place, message)));
    }

    /// Reports whether no mistake was found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns all mistakes as one error, or `Ok` if there are none.
    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Emits the user's item and the mistakes.
///
/// Without the item, every use of the function would be a further error, "cannot find function", which hides the first.
pub(crate) fn fallback(item: TokenStream, mistakes: &Error) -> TokenStream {
    let mut tokens = item;
    tokens.extend(mistakes.to_compile_error());
    tokens
}
