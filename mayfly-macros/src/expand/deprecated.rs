//! The registration of a deprecated function.
//!
//! Naming such a function is a warning everywhere except inside the function itself, so its registration goes there.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;

use crate::parse::signature::{Function, has_word};

/// Reports whether an attribute deprecates the function, directly or in a `cfg_attr`.
pub(crate) fn is(function: &Function) -> bool {
    let mut attributes = function.attributes.iter();
    attributes.any(|attribute| has_word(&attribute.meta.to_token_stream(), "deprecated"))
}

/// Inserts a registration at the start of the function's body, after its inner attributes.
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

/// Counts the tokens of the inner attributes, `#![…]`, at the start of a body.
fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let is = |token: &TokenTree, character| matches!(token, TokenTree::Punct(it) if it.as_char() == character);
    let attributes = tokens.chunks(3).take_while(|chunk| matches!(chunk, [a, b, _] if is(a, '#') && is(b, '!')));
    3 * attributes.count()
}
