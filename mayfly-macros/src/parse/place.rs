//! Where in the user's code an error about tokens of ours appears.
//!
//! Only places are taken from how a type is written, never its meaning: an alias may hide a `Result`, or be called one.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::parse::signature::{Function, last_segment};

/// `quote!` at the macro's own site.
macro_rules! ours {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}
pub(crate) use ours;

/// Moves tokens of ours to where `place` stands, so that an error about them underlines all of it: the compiler spans an
/// expression from its first token to its last.
pub(crate) fn located(tokens: TokenStream, place: &impl ToTokens) -> TokenStream {
    let mut spans = place.to_token_stream().into_iter().map(|token| token.span());
    let Some(first) = spans.next() else { return tokens };
    let last = spans.last().unwrap_or(first);
    tokens
        .into_iter()
        .enumerate()
        .map(|(position, mut token)| {
            token.set_span(token.span().located_at(if position == 0 { first } else { last }));
            token
        })
        .collect()
}

/// What an error about the return type as a whole underlines.
pub(crate) fn of_output(function: &Function) -> TokenStream {
    function.output().map_or_else(|| function.name().to_token_stream(), ToTokens::to_token_stream)
}

/// What an error about the reply or the state underlines: the return type, or `T` where `Result<T, …>` is written.
pub(crate) fn of_success(function: &Function) -> TokenStream {
    success(function).map_or_else(|| of_output(function), ToTokens::to_token_stream)
}

/// What an error about the error underlines: the return type, or `E` where `Result<…, E>` is written.
pub(crate) fn of_error(function: &Function) -> TokenStream {
    in_result(function, 1).map_or_else(|| of_output(function), ToTokens::to_token_stream)
}

/// The `T` of a `Result<T, …>` that is written out.
pub(crate) fn success(function: &Function) -> Option<&Type> {
    in_result(function, 0)
}

fn in_result(function: &Function, position: usize) -> Option<&Type> {
    types_in(last_segment(function.output()?).filter(|segment| segment.ident == "Result")?).nth(position)
}

/// The types in the brackets after a name.
pub(crate) fn types_in(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let brackets = match &segment.arguments {
        PathArguments::AngleBracketed(brackets) => Some(brackets),
        _ => None,
    };
    brackets.into_iter().flat_map(|brackets| &brackets.args).filter_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    })
}
