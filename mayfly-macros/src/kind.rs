//! `Kind`, which describes one attribute, and `Input`, one use of it.

use proc_macro2::TokenStream;

use crate::mistakes::Mistakes;
use crate::parse::args::{Args, Grammar};
use crate::parse::signature::Function;

/// An attribute of Mayfly: how it is written, which rules it has, and its expansion. `kinds.rs` lists all of them.
pub(crate) struct Kind {
    /// The attribute's name: `handler` for `#[mayfly::handler]`.
    pub(crate) name: &'static str,
    /// The annotated function, as messages call it: `a handler`.
    pub(crate) noun: &'static str,
    /// The arguments that the attribute accepts.
    pub(crate) arguments: Grammar,
    /// Checks the arguments and the signature.
    pub(crate) check: fn(&Input<'_>, &mut Mistakes),
    /// Emits the function and its registration, once no check has found a mistake.
    pub(crate) expand: fn(&Input<'_>) -> TokenStream,
}

impl Kind {
    /// Writes the attribute as users do: `#[mayfly::handler]`.
    pub(crate) fn attribute(&self) -> String {
        format!("#[mayfly::{}]", self.name)
    }
}

/// An attribute with its arguments, and the function under it.
pub(crate) struct Input<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) args: Args,
    /// The function's tokens, unchanged.
    pub(crate) item: &'a TokenStream,
    pub(crate) function: Function,
}
