//! A function that is deprecated, and registered all the same.
//!
//! To name such a function is a warning, wherever the name stands, but for one place: within the function itself.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;

use crate::parse::signature::{Function, has_word};

/// Whether an attribute deprecates the function, be it under a `cfg_attr`.
pub(crate) fn is(function: &Function) -> bool {
    let mut attributes = function.attributes.iter();
    attributes.any(|attribute| has_word(&attribute.meta.to_token_stream(), "deprecated"))
}

/// Puts a registration into the body of its function, after the inner attributes that may stand there.
pub(crate) fn with_inside(item: &TokenStream, registration: &TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut().filter(|last| is_braces(last)) {
        let inside: Vec<TokenTree> = body.stream().into_iter().collect();
        let (attributes, statements) = inside.split_at(inner_attributes(&inside));
        let inside = attributes.iter().cloned().chain(registration.clone()).chain(statements.iter().cloned());
        let mut with = Group::new(Delimiter::Brace, inside.collect());
        with.set_span(body.span());
        *body = with;
    }
    tokens.into_iter().collect()
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// How many tokens at the start of a body are `#![…]`.
fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let is = |token: &TokenTree, character| matches!(token, TokenTree::Punct(it) if it.as_char() == character);
    let attributes = tokens.chunks(3).take_while(|chunk| matches!(chunk, [a, b, _] if is(a, '#') && is(b, '!')));
    3 * attributes.count()
}
