//! The rules of `#[mayfly::around]`.

use syn::GenericParam;

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
