//! The rules of `#[mayfly::around]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, GenericParam, Pat, PatType};

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::signature::last_segment;

const NOT_GENERIC: &str = "an around function cannot be generic: Mayfly calls it without type arguments";
const RETURNS: &str = "an around function returns `Result<around::Reply, E>`: what `next.run()` returns, or another \
                       reply or error";

/// Checks an around function.
pub(crate) fn around(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::qualifiers(input, mistakes);
    lifetimes(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    first_two(input, mistakes);
    common::parameters(input, |_| "name the type: it decides what is taken from the invocation", mistakes);
    returned(input, mistakes);
    runs(input, mistakes);
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn lifetimes(input: &Input<'_>, mistakes: &mut Mistakes) {
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes.add(
                lifetime,
                "an around function needs no lifetime of its own; write `&Invocation<'_>` and `Next<'_>`",
            );
        }
    }
}

fn first_two(input: &Input<'_>, mistakes: &mut Mistakes) {
    if input.function.parameters().count() < 2 && input.function.signature.receiver().is_none() {
        mistakes.add(
            input.function.name(),
            "an around function takes the invocation and the rest of it: `invocation: &Invocation<'_>, \
             next: Next<'_>`",
        );
    }
}

fn returned(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(output) = input.function.output() else {
        mistakes.add(input.function.name(), RETURNS);
        return;
    };
    output::never(input, output, mistakes);
    if !output::future(input, output, mistakes) && last_segment(output).is_some_and(|last| last.ident == "Reply") {
        mistakes.add(output, RETURNS);
    }
}

/// Rejects `next.run()` in a plain `fn`, which cannot await it, and `next.run_blocking()` in an `async fn`.
fn runs(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(FnArg::Typed(PatType { pat, .. })) = input.function.signature.inputs.get(1) else { return };
    let Pat::Ident(next) = &**pat else { return };
    let (wrong, message) = if input.function.is_async() {
        ("run_blocking", "`run_blocking` would block the runtime; write `run().await` in an `async fn`")
    } else {
        ("run", "a plain `fn` cannot await `run`; write `run_blocking()`, or make this an `async fn`")
    };
    for method in calls(input.item.clone(), &next.ident, wrong) {
        mistakes.add(&method, message);
    }
}

/// Finds each call of a method on a variable, at any depth.
fn calls(tokens: TokenStream, variable: &Ident, method: &str) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        match (token, tokens.get(position + 1..position + 3)) {
            (TokenTree::Group(group), _) => found.extend(calls(group.stream(), variable, method)),
            (TokenTree::Ident(of), Some([TokenTree::Punct(dot), TokenTree::Ident(called)]))
                if of == variable && dot.as_char() == '.' && called == method =>
            {
                found.push(called.to_token_stream());
            }
            _ => {}
        }
    }
    found
}
