//! The rules of `#[mayfly::shutdown]`, `#[mayfly::before_snapshot]` and `#[mayfly::after_restore]`.

use syn::GenericParam;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;

/// Checks a hook.
pub(crate) fn hook(input: &Input<'_>, mistakes: &mut Mistakes) {
    let noun = input.kind.noun;
    let not_generic = format!("{noun} cannot be generic: Mayfly calls it without type arguments");
    common::qualifiers(input, mistakes);
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes.add(lifetime, format_args!("{noun} cannot be generic: its states live as long as the process"));
        }
    }
    common::generics(input, &not_generic, mistakes);
    common::parameters(input, |_| "name the type: a hook takes `State<T>`", mistakes);
    if let Some(output) = input.function.output() {
        output::never(input, output, mistakes);
        output::future(input, output, mistakes);
    }
    common::where_clause(input, &not_generic, mistakes);
}
