//! The expansion of `#[mayfly::get]` and the other routes.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};

use crate::expand::emitter::Emitter;
use crate::expand::tokens::{located, ours};
use crate::kind::Input;
use crate::parse::place;

/// Emits the function and, in a constant, `serve`, `needs`, the route and the entry in the registry.
pub(crate) fn route(input: &Input<'_>) -> TokenStream {
    let emitter = Emitter::new(input);
    let (serve, needs, http, entry) = (serve(&emitter), emitter.needs(0), http(input), emitter.http_entry());
    let attribute = input.kind.attribute();
    // Without the feature `axum` there is nothing to register with: then the macro names the feature.
    emitter.beside(&ours!(__mayfly::needs_axum! { #attribute #serve #needs #http #entry }))
}

/// Emits `fn serve`, which takes the arguments from a request, calls the function and makes the response. The type of
/// each argument is inferred from a call that is never made.
fn serve(emitter: &Emitter<'_>) -> TokenStream {
    let name = &emitter.name;
    let arguments = emitter.arguments();
    let tags: Vec<_> = arguments.iter().map(|argument| format_ident!("tag_of_{argument}")).collect();
    let last = arguments.len().saturating_sub(1);
    let tag_types: Vec<_> =
        (0..arguments.len()).map(|position| if position == last { ours!(Last) } else { ours!(Taken) }).collect();
    let makers = emitter.parameters.iter().zip(&tags).enumerate().map(|(position, ((parameter, _), tag))| {
        let from = if position == last { ours!(request) } else { ours!(&mut parts) };
        let argument = located(ours!(#tag.argument()), parameter);
        ours!(#tag.take(#from, #argument))
    });
    let call = located(ours!(self::#name(#(#arguments),*)), name);
    let dot_await = emitter.function().is_async().then(|| ours!(.await));
    let takes = taking(&arguments, &makers.collect::<Vec<_>>());
    let ending = ending(emitter);
    let future = ours!(async move {
        #(let #tags = __mayfly::#tag_types::TAG;)*
        let _ = |#(#arguments),*| {
            #(__mayfly::#tag_types::is(&#tags, &#arguments);)*
            self::#name(#(#arguments),*)
        };
        #takes
        let returned = #call #dot_await;
        #ending
    });
    // A future that is not `Send` is an error at the function's name.
    let answering = located(ours!(__mayfly::answering(#future)), name);
    ours! {
        fn serve(request: __mayfly::Request) -> __mayfly::Answering {
            #answering
        }
    }
}

/// Emits the statements that take the arguments: each from the request's parts but the last, which gets the whole
/// request and may read its body.
fn taking(arguments: &[impl ToTokens], makers: &[TokenStream]) -> TokenStream {
    let Some((last, parts)) = arguments.split_last() else { return ours!(let _ = request;) };
    let or_respond = |argument: &dyn ToTokens, maker: &TokenStream| {
        let argument = argument.to_token_stream();
        ours! {
            let #argument = match #maker.await {
                __mayfly::core::result::Result::Ok(argument) => argument,
                __mayfly::core::result::Result::Err(response) => return response,
            };
        }
    };
    let of_last = or_respond(last, &makers[parts.len()]);
    if parts.is_empty() {
        return of_last;
    }
    let of_parts = parts.iter().zip(makers).map(|(argument, maker)| or_respond(argument, maker));
    ours! {
        let (mut parts, body) = __mayfly::Request::into_parts(request);
        #(#of_parts)*
        let request = __mayfly::Request::from_parts(parts, body);
        #of_last
    }
}

/// Emits the expression that makes the response of the returned value, or of its error.
fn ending(emitter: &Emitter<'_>) -> TokenStream {
    let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(emitter.function()));
    let error = located(ours!(__mayfly::core::convert::identity(error)), &place::of_error(emitter.function()));
    ours! {
        match __mayfly::Answered::of(&returned).split(returned) {
            __mayfly::core::result::Result::Ok(value) => __mayfly::answer(#value),
            __mayfly::core::result::Result::Err(error) => __mayfly::fail(__mayfly::Failed::of(&error).report(#error)),
        }
    }
}

/// Emits the route.
fn http(input: &Input<'_>) -> TokenStream {
    let pattern = input.args.pattern.as_ref();
    let methods = match &input.args.methods {
        Some(methods) => methods.iter().map(ToString::to_string).collect(),
        None => vec![input.kind.name.to_uppercase()],
    };
    let is_async = input.function.is_async();
    ours! {
        static HTTP: __mayfly::Http = __mayfly::Http::Route(__mayfly::Route {
            methods: &[#(#methods),*],
            pattern: #pattern,
            is_async: #is_async,
            serve,
        });
    }
}
