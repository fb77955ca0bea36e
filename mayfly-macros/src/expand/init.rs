//! The expansion of `#[mayfly::init]`.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `build`, `provides`, `needs` and the entry in the registry.
pub(crate) fn init(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let (build, provides, needs, entry) = (build(&emitter), provides(&emitter), emitter.needs(0), entry(&emitter));
    emitter.beside(&ours!(#build #provides #needs #entry))
}

/// Emits `fn build`, which keeps the state that the function returns.
fn build(emitter: &Emitter<'_>) -> TokenStream {
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    emitter.build(&ours!(FromStates), &ours!(__mayfly::core::result::Result::Ok(__mayfly::keep(#value))))
}

/// Emits `fn provides`, which returns the type of the state. It is inferred from a call that is never made.
fn provides(emitter: &Emitter<'_>) -> TokenStream {
    let name = &emitter.name;
    let arguments = emitter.arguments();
    let is = if emitter.function().is_async() { ours!(is_awaited) } else { ours!(is) };
    ours! {
        fn provides() -> __mayfly::StateType {
            __mayfly::mark();
            let returned = __mayfly::Returned::TAG;
            let _ = |#(#arguments),*| __mayfly::Returned::#is(&returned, &self::#name(#(#arguments),*));
            returned.state_type()
        }
    }
}

/// Emits the entry in the registry.
fn entry(emitter: &Emitter<'_>) -> TokenStream {
    let is_async = emitter.function().is_async();
    let (file, line) = emitter.file_and_line();
    ours! {
        __mayfly::inventory::submit! {
            __mayfly::Init {
                path: PATH,
                file: #file,
                line: #line,
                is_async: #is_async,
                provides,
                needs,
                build,
            }
        }
    }
}
