//! Where in the user's code an error about tokens of ours appears.
//!
//! Only places are taken from how a type is written, never its meaning: an alias may hide a `Result`, or be called one.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::signature::{Function, last_segment};

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

/// What an error about the reply or the state underlines: the return type, or `T` where `Result<T, …>` is written.
pub(crate) fn of_success(function: &Function) -> TokenStream {
    of_output(function, 0)
}

/// What an error about the error underlines: the return type, or `E` where `Result<…, E>` is written.
pub(crate) fn of_error(function: &Function) -> TokenStream {
    of_output(function, 1)
}

fn of_output(function: &Function, position: usize) -> TokenStream {
    let Some(output) = function.output() else { return function.name().to_token_stream() };
    literal_result(output).and_then(|types| types.get(position).copied()).unwrap_or(output).to_token_stream()
}

/// The types in the brackets of a `Result` that is written out.
fn literal_result(output: &Type) -> Option<Vec<&Type>> {
    let segment = last_segment(output).filter(|segment| segment.ident == "Result")?;
    let PathArguments::AngleBracketed(brackets) = &segment.arguments else { return None };
    let types = brackets.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    });
    Some(types.collect())
}
