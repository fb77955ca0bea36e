//! The expansion of `#[mayfly::service]`: an init of its own builds the service, and a handler that all services share
//! calls it.

use proc_macro2::TokenStream;

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `build`, `needs`, the init and the entry in the registry.
pub(crate) fn service(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let (build, needs, init, entry) = (build(&emitter), emitter.needs(0), init(&emitter), emitter.http_entry());
    // Without the feature `http` there is nothing to register with: then the macro names the feature.
    emitter.beside(&ours!(__mayfly::needs_http! { #build #needs #init #entry }))
}

/// Emits `fn build`, which keeps the service that the function returns.
fn build(emitter: &Emitter<'_>) -> TokenStream {
    let place = place::of_success(emitter.function());
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place);
    let keep = if emitter.input.args.stream {
        located(ours!(by.keep_streamed(#value, states)), &place)
    } else {
        located(ours!(by.keep(#value, states)), &place)
    };
    let done = ours!({
        let by = __mayfly::http::ByClone::of(&value);
        __mayfly::core::result::Result::Ok(#keep)
    });
    emitter.build(&ours!(ServiceParameter), &done)
}

/// Emits the init, which is not in the registry: only the handler beside it needs the service.
fn init(emitter: &Emitter<'_>) -> TokenStream {
    let is_async = emitter.function().is_async();
    let is_streamed = emitter.input.args.stream;
    let (file, line) = emitter.file_and_line();
    ours! {
        static INIT: __mayfly::Init = __mayfly::Init {
            path: PATH,
            file: #file,
            line: #line,
            is_async: #is_async,
            provides: __mayfly::http::provides,
            needs,
            build,
        };
        static HTTP: __mayfly::Http =
            __mayfly::Http::Service(__mayfly::Service { init: &INIT, is_streamed: #is_streamed });
    }
}
