//! The expansion of `#[mayfly::handler]`.

use proc_macro2::TokenStream;
use syn::Type;

use crate::expand::emitter::Emitter;
use crate::expand::text;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;
use crate::parse::signature::last_segment;

/// Emits the function and, in a constant, `invoke`, `needs` and the entry in the registry.
pub(crate) fn handler(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let function = emitter.function();
    let event = function.parameters().next().map(text::of);
    let entry = emitter.entry(function.is_async(), event, None, None, &ours!(invoke));
    let (invoke, needs) = (invoke(&emitter), emitter.needs(1));
    emitter.beside(&ours!(#invoke #needs #entry))
}

/// Emits `fn invoke`, which makes the event and the other arguments, calls the function and encodes its reply.
fn invoke(emitter: &Emitter<'_>) -> TokenStream {
    let makers = emitter.parameters.iter().enumerate().map(|(position, (parameter, _))| match position {
        0 => located(event(parameter), parameter),
        _ => located(ours!(__mayfly::Call::argument(invocation)), parameter),
    });
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    let steps = emitter.steps(makers, &ours!(__mayfly::Call::encode(invocation, #value)));
    let body = emitter.driven_by(&ours!(drive_call), &ours!(invocation.executor), steps);
    ours! {
        fn invoke(invocation: &mut __mayfly::Call<'_>) -> __mayfly::core::result::Result<(), __mayfly::Error> {
            #body
        }
    }
}

/// Emits the event. If its type looks like one that belongs after the event, or like a record of a batch, the bound on
/// it is that of any event, with an error message of its own.
fn event(parameter: &Type) -> TokenStream {
    let name = last_segment(parameter).map(|segment| segment.ident.to_string());
    match name.as_deref() {
        Some("Context" | "State") => ours!(__mayfly::event_first(invocation)),
        Some("Sqs" | "Kinesis" | "DynamoDb" | "Kafka") => ours!(__mayfly::whole_event(invocation)),
        _ => ours!(__mayfly::Call::event(invocation)),
    }
}
