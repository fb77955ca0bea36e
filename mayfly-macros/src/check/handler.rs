//! The rules of `#[mayfly::handler]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::signature::Function;

const NOT_GENERIC: &str =
    "a handler cannot be generic: Lambda picks it by name at run time; write one handler per concrete type";

/// Checks a handler.
pub(crate) fn handler(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::name(input.kind.noun, &input.args, mistakes);
    common::qualifiers(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, unnamed_type, mistakes);
    event(&input.function, mistakes);
    reply(input, mistakes);
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn unnamed_type(position: usize) -> &'static str {
    match position {
        0 => "name the event type: it is decoded from JSON, so its type must be known",
        _ => "name the type: it decides what is taken from the invocation",
    }
}

fn event(function: &Function, mistakes: &mut Mistakes) {
    let Some(event) = function.parameters().next() else { return };
    for borrow in static_borrows(event.to_token_stream()) {
        mistakes.add(&borrow, "the event lives only as long as its invocation; remove `'static`");
    }
}

/// Finds each `&'static`, at any depth.
fn static_borrows(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        match (token, tokens.get(position + 1..position + 3)) {
            (TokenTree::Group(group), _) => found.extend(static_borrows(group.stream())),
            (TokenTree::Punct(and), Some([TokenTree::Punct(tick), TokenTree::Ident(lifetime)]))
                if and.as_char() == '&' && tick.as_char() == '\'' && lifetime == "static" =>
            {
                found.push(tokens[position..position + 3].iter().cloned().collect());
            }
            _ => {}
        }
    }
    found
}

fn reply(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(output) = input.function.output() else { return };
    output::never(input, output, mistakes);
    output::future(input, output, mistakes);
    output::inner_results(input, output, mistakes);
}
