//! The rules of `#[mayfly::init]`.

use quote::ToTokens;
use syn::GenericParam;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::place;
use crate::parse::signature::has_word;

const NOT_GENERIC: &str = "an init cannot be generic: Mayfly calls it without type arguments; write one init per state";

/// Checks an init.
pub(crate) fn init(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::qualifiers(input, mistakes);
    lifetimes(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, |_| "name the type: an init takes `State<T>`", mistakes);
    state(input, mistakes);
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn lifetimes(input: &Input<'_>, mistakes: &mut Mistakes) {
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes
                .add(lifetime, "an init cannot be generic: its state lives as long as the process; write `'static`");
        }
    }
}

fn state(input: &Input<'_>, mistakes: &mut Mistakes) {
    let success = place::of_success(&input.function);
    let Some(output) = input.function.output().filter(|_| success.to_string() != "()") else {
        mistakes.add(
            &success,
            "an init returns the state that it builds; it runs only if a handler takes that state as `State<T>`",
        );
        return;
    };
    output::never(input, output, mistakes);
    if !output::future(input, output, mistakes) && has_word(&output.to_token_stream(), "impl") {
        mistakes.add(output, "name the state's type: a handler asks for it as `State<T>`");
    }
}
