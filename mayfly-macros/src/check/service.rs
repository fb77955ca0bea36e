//! The rules of `#[mayfly::service]`.

use syn::GenericParam;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::place;

const NOT_GENERIC: &str =
    "a service cannot be generic: Lambda picks it by name at run time; write one service per concrete type";

/// Checks a service.
pub(crate) fn service(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::name(input.kind.noun, &input.args, mistakes);
    common::qualifiers(input, mistakes);
    lifetimes(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, |_| "name the type: a service takes `State<T>`", mistakes);
    returned(input, mistakes);
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn lifetimes(input: &Input<'_>, mistakes: &mut Mistakes) {
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes.add(lifetime, "a service cannot be generic: it lives as long as the process; write `'static`");
        }
    }
}

fn returned(input: &Input<'_>, mistakes: &mut Mistakes) {
    let success = place::of_success(&input.function);
    let Some(output) = input.function.output().filter(|_| success.to_string() != "()") else {
        mistakes.add(&success, "a service function returns the service, such as an axum `Router`");
        return;
    };
    output::never(input, output, mistakes);
    output::future(input, output, mistakes);
}
