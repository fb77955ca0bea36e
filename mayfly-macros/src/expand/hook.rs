//! The expansion of `#[mayfly::shutdown]`.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `run`, `needs` and the entry in the registry.
pub(crate) fn shutdown(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let (run, needs, entry) = (run(&emitter), emitter.needs(0), entry(&emitter));
    // Without the feature `shutdown` there is nothing to register with: then the macro names the feature.
    emitter.beside(&ours!(__mayfly::needs_shutdown! { #run #needs #entry }))
}

/// Emits `fn run`, which takes the states, calls the function and returns its error.
fn run(emitter: &Emitter<'_>) -> TokenStream {
    let makers = emitter
        .parameters
        .iter()
        .map(|(parameter, _)| located(ours!(__mayfly::ShutdownParameter::from_states(states)), parameter));
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    let done = ours!(__mayfly::core::result::Result::Ok(__mayfly::shutdown_done(#value)));
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
fn entry(emitter: &Emitter<'_>) -> TokenStream {
    let is_async = emitter.function().is_async();
    let (file, line) = emitter.file_and_line();
    ours! {
        __mayfly::inventory::submit! {
            __mayfly::Shutdown {
                path: PATH,
                file: #file,
                line: #line,
                is_async: #is_async,
                needs,
                run,
            }
        }
    }
}
