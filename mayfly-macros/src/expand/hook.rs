//! The expansion of `#[mayfly::shutdown]`, `#[mayfly::before_snapshot]` and `#[mayfly::after_restore]`.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits a function that runs at SIGTERM, and its registration. Without the feature `shutdown` no code would run it: then
/// the macro names the feature.
pub(crate) fn shutdown(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let registration = registration(&emitter, &ours!(Shutdown));
    emitter.beside(&ours!(__mayfly::needs_shutdown! { #registration }))
}

/// Emits a function that runs before the snapshot, and its registration.
pub(crate) fn before_snapshot(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    emitter.beside(&registration(&emitter, &ours!(BeforeSnapshot)))
}

/// Emits a function that runs after the restore, and its registration.
pub(crate) fn after_restore(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    emitter.beside(&registration(&emitter, &ours!(AfterRestore)))
}

/// Emits `run`, `needs` and the entry in the registry.
fn registration(emitter: &Emitter<'_>, moment: &TokenStream) -> TokenStream {
    let (run, needs, entry) = (run(emitter), emitter.needs(0), entry(emitter, moment));
    ours!(#run #needs #entry)
}

/// Emits `fn run`, which takes the states, calls the function and returns its error.
fn run(emitter: &Emitter<'_>) -> TokenStream {
    let makers = emitter
        .parameters
        .iter()
        .map(|(parameter, _)| located(ours!(__mayfly::HookParameter::from_states(states)), parameter));
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    let done = ours!(__mayfly::core::result::Result::Ok(__mayfly::hook_done(#value)));
    let steps = emitter.steps(makers, &done);
    let body = emitter.driven(&ours!(executor), steps);
    ours! {
        fn run(
            states: &__mayfly::Store,
            executor: &__mayfly::Executor,
        ) -> __mayfly::core::result::Result<(), __mayfly::Error> {
            #body
        }
    }
}

/// Emits the entry in the registry.
fn entry(emitter: &Emitter<'_>, moment: &TokenStream) -> TokenStream {
    let is_async = emitter.function().is_async();
    let (file, line) = emitter.file_and_line();
    ours! {
        __mayfly::inventory::submit! {
            __mayfly::Hook {
                moment: __mayfly::Moment::#moment,
                path: PATH,
                file: #file,
                line: #line,
                is_async: #is_async,
                needs,
                run,
                machinery: &__mayfly::MACHINERY,
            }
        }
    }
}
