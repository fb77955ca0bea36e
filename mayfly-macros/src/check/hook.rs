//! The rules of `#[mayfly::shutdown]`.

use syn::GenericParam;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;

const NOT_GENERIC: &str = "a shutdown function cannot be generic: Mayfly calls it without type arguments";

/// Checks a shutdown function.
pub(crate) fn shutdown(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::qualifiers(input, mistakes);
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes.add(lifetime, "a shutdown function cannot be generic: its states live as long as the process");
        }
    }
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, |_| "name the type: a shutdown function takes `State<T>`", mistakes);
    if let Some(output) = input.function.output() {
        output::never(input, output, mistakes);
        output::future(input, output, mistakes);
    }
    common::where_clause(input, NOT_GENERIC, mistakes);
}
