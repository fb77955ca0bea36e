//! The expansion of `#[mayfly::around]`.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `invoke`, `needs` and the entry in the registry.
pub(crate) fn around(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let (invoke, needs, entry) = (invoke(&emitter), emitter.needs(2), entry(&emitter));
    let registration = ours!(#invoke #needs #entry);
    emitter.beside(&if emitter.function().is_async() {
        // Without the feature `async` there is nothing to register with: then the macro names the feature.
        ours!(__mayfly::needs_async! { #registration })
    } else {
        registration
    })
}

/// Emits `fn invoke`, which makes the arguments and calls the function.
fn invoke(emitter: &Emitter<'_>) -> TokenStream {
    let makers = emitter.parameters.iter().enumerate().map(|(position, (parameter, _))| match position {
        0 => {
            let first = located(ours!(__mayfly::first_of_around(invocation)), parameter);
            ours!(__mayfly::core::result::Result::Ok::<_, __mayfly::Error>(#first))
        }
        1 => {
            let second = located(ours!(__mayfly::second_of_around(next)), parameter);
            ours!(__mayfly::core::result::Result::Ok::<_, __mayfly::Error>(#second))
        }
        _ => located(ours!(__mayfly::FromInvocation::from_invocation(invocation)), parameter),
    });
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    let done = ours!(__mayfly::core::result::Result::Ok(__mayfly::around_reply(#value)));
    let steps = emitter.steps(makers, &done);
    if emitter.function().is_async() {
        ours! {
            fn invoke<'a>(
                invocation: &'a __mayfly::Invocation<'a>,
                next: __mayfly::Next<'a>,
            ) -> __mayfly::AroundFuture<'a> {
                __mayfly::around_future(async move { #steps })
            }
        }
    } else {
        ours! {
            fn invoke<'a>(
                invocation: &'a __mayfly::Invocation<'a>,
                next: __mayfly::Next<'a>,
            ) -> __mayfly::core::result::Result<__mayfly::Reply, __mayfly::Error> {
                #steps
            }
        }
    }
}

/// Emits the entry in the registry.
fn entry(emitter: &Emitter<'_>) -> TokenStream {
    let name = &emitter.name;
    let (file, line) = emitter.file_and_line();
    let kind = if emitter.function().is_async() { ours!(Async) } else { ours!(Sync) };
    ours! {
        __mayfly::inventory::submit! {
            __mayfly::Around {
                id: || __mayfly::function_id(&self::#name),
                path: PATH,
                file: #file,
                line: #line,
                needs,
                invoke: __mayfly::AroundInvoke::#kind(invoke),
                list: __mayfly::list_arounds,
            }
        }
    }
}
