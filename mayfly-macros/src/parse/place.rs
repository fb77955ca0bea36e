//! The places in a signature that the compiler underlines for an error in generated tokens.
//!
//! The spelling of a type decides here only where an error appears, never what the type is: an alias can hide a
//! `Result`, and any type can be named `Result`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::parse::signature::{Function, last_segment};

/// Returns the place for an error about the return type as a whole: the type, or the function's name if none is
/// written.
pub(crate) fn of_output(function: &Function) -> TokenStream {
    function.output().map_or_else(|| function.name().to_token_stream(), ToTokens::to_token_stream)
}

/// Returns the place for an error about the reply or the state: `T` where `Result<T, …>` is written, else the return
/// type.
pub(crate) fn of_success(function: &Function) -> TokenStream {
    success(function).map_or_else(|| of_output(function), ToTokens::to_token_stream)
}

/// Returns the place for an error about the error type: `E` where `Result<…, E>` is written, else the return type.
pub(crate) fn of_error(function: &Function) -> TokenStream {
    in_result(function, 1).map_or_else(|| of_output(function), ToTokens::to_token_stream)
}

/// Returns the `T` of a return type that is written as `Result<T, …>`.
pub(crate) fn success(function: &Function) -> Option<&Type> {
    in_result(function, 0)
}

fn in_result(function: &Function, position: usize) -> Option<&Type> {
    types_in(last_segment(function.output()?).filter(|segment| segment.ident == "Result")?).nth(position)
}

/// Returns the types in the angle brackets of a path segment.
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
