//! The expansion of `#[mayfly::batch]`.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::text;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `source`, `invoke`, `needs` and the entry in the registry.
pub(crate) fn batch(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let function = emitter.function();
    let event = function.parameters().next().map(text::of);
    let concurrency = concurrency(input);
    let listed = ours!(__mayfly::list_batch(json, source(), #concurrency););
    let entry = emitter.entry(function.is_async(), event, None, Some(listed), &ours!(invoke));
    let (source, invoke, needs) = (source(&emitter), invoke(&emitter), emitter.needs(1));
    emitter.beside(&ours! {
        #source
        #invoke
        #needs
        #entry
    })
}

/// Emits `fn source`, which names the source of the record. Its type is inferred from a call that is never made.
fn source(emitter: &Emitter<'_>) -> TokenStream {
    let (name, arguments) = (&emitter.name, emitter.arguments());
    let record = arguments.first();
    ours! {
        fn source() -> __mayfly::Source {
            let tag = __mayfly::Tag::TAG;
            let _ = |#(#arguments),*| {
                __mayfly::Tag::is(&tag, &#record);
                self::#name(#(#arguments),*)
            };
            tag.source()
        }
    }
}

/// Emits the number of records that are handled at once.
fn concurrency(input: &Input<'_>) -> TokenStream {
    input.args.concurrency.as_ref().map_or_else(|| ours!(1), |number| ours!(#number))
}

/// Emits `fn invoke`, which calls the function for each record of an event.
fn invoke(emitter: &Emitter<'_>) -> TokenStream {
    let Input { args, function, .. } = emitter.input;
    let makers = emitter.parameters.iter().enumerate().map(|(position, (parameter, _))| match position {
        0 => located(ours!(__mayfly::Record::read(record)), parameter),
        _ => located(ours!(__mayfly::Arguments::argument(&arguments)), parameter),
    });
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(function));
    let steps = emitter.steps(makers, &ours!(__mayfly::done(#value)));
    let (file, line) = emitter.file_and_line();
    let (report_all, concurrency) = (args.report_all, concurrency(emitter.input));
    let run = if function.is_async() {
        ours! {
            let each = |record: __mayfly::Raw| __mayfly::boxed(async move { #steps });
            __mayfly::run_batch_async(invocation, settings, &each).await
        }
    } else {
        ours!(__mayfly::run_batch(invocation, settings, &mut |record: __mayfly::Raw| { #steps }))
    };
    let body = emitter.driven_by(&ours!(drive_call), &ours!(invocation.executor), run);
    ours! {
        fn invoke(invocation: &mut __mayfly::Call<'_>) -> __mayfly::core::result::Result<(), __mayfly::Error> {
            let settings = __mayfly::Settings {
                source: source(),
                concurrency: #concurrency,
                report_all: #report_all,
                path: PATH,
                file: #file,
                line: #line,
            };
            let arguments = __mayfly::Arguments::of(invocation);
            #body
        }
    }
}
