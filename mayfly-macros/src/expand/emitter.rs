//! The function becomes itself and, beside it, the constant that registers it.
//!
//! Every token of ours resolves at the macro's own site, so that no name of the user's is in the way and no lint of
//! theirs looks at it; so it needs no `allow`, which a `forbid` of theirs would refuse. The library's own names go through
//! `__mayfly`, since a crate of the user's may be called `core`. No type of theirs is written again: all are inferred
//! from the call, so that an event may borrow and a misspelt type is one error. Where a type may not fit, the tokens that
//! would fail are *located* at that type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::Type;
use syn::ext::IdentExt;

use crate::expand::{deprecated, handler as entry};
use crate::parse::args::Args;
use crate::parse::place::{self, located, ours};
use crate::parse::signature::{Function, last_segment};

/// Emits a handler: the function, and a constant with its erased `invoke` and its entry in the registry.
pub(crate) fn handler(item: &TokenStream, args: &Args, function: &Function) -> TokenStream {
    let emitter = Emitter::new(function);
    let invoke = emitter.invoke();
    let needs = emitter.needs(1);
    let entry = entry::handler(function, &emitter.name, args);
    emitter.beside(item, args, "HANDLER", &ours!(#invoke #needs #entry))
}

/// Emits an init: the function, and a constant with its erased `build` and its entry in the registry.
pub(crate) fn init(item: &TokenStream, args: &Args, function: &Function) -> TokenStream {
    let emitter = Emitter::new(function);
    let build = emitter.build();
    let provides = emitter.provides();
    let needs = emitter.needs(0);
    let entry = entry::init(function);
    emitter.beside(item, args, "INIT", &ours!(#build #provides #needs #entry))
}

/// What all pieces of one expansion are made from.
struct Emitter<'a> {
    function: &'a Function,
    /// The function's name, located at the user's, and raw: a word like `gen` is a keyword only in some editions, and the
    /// tokens of a macro have the macro's.
    name: Ident,
    /// Its parameters' types, and a name of ours for each.
    parameters: Vec<(&'a Type, Ident)>,
}

impl<'a> Emitter<'a> {
    fn new(function: &'a Function) -> Self {
        let name = function.name();
        let name = Ident::new_raw(&name.unraw().to_string(), Span::mixed_site().located_at(name.span()));
        let parameters = function
            .parameters()
            .enumerate()
            .map(|(position, parameter)| (parameter, format_ident!("argument{position}", span = Span::mixed_site())))
            .collect();
        Self { function, name, parameters }
    }

    /// The user's function as it is written, then the registration.
    ///
    /// The constant has a name, since `const _` in an `impl` block would be an error of its own; the same name marks
    /// our frames in a stack trace. Within it `__mayfly` is the one mention of the crate, so that a wrong
    /// `crate = path` is one error.
    ///
    /// The other constant says by its name what is wrong in an `impl` block, where the module has no such constant. It
    /// may have such a function, and that would be registered in place of the method.
    fn beside(&self, item: &TokenStream, args: &Args, kind: &str, registration: &TokenStream) -> TokenStream {
        let name = self.name.unraw();
        let krate = args.krate.as_ref().map_or_else(|| ours!(::mayfly), ToTokens::to_token_stream);
        let constant = format_ident!("__MAYFLY_{kind}_{name}", span = Span::mixed_site());
        let free = format_ident!("THE_{kind}_{name}_MUST_BE_A_FREE_FUNCTION", span = name.span());
        let path_end = format!("::{name}");
        let registration = ours! {
            #[doc(hidden)]
            const #constant: () = {
                const _: () = self::#free;
                use #krate::private as __mayfly;

                const PATH: &__mayfly::core::primitive::str =
                    __mayfly::core::concat!(__mayfly::core::module_path!(), #path_end);
                #registration
            };
        };
        let (item, registration) = if deprecated::is(self.function) {
            (deprecated::with_inside(item, &registration), None)
        } else {
            (item.clone(), Some(registration))
        };
        ours! {
            #[allow(clippy::needless_pass_by_value)]
            #item

            #[doc(hidden)]
            const #free: () = ();

            #registration
        }
    }

    /// `fn invoke`: makes the event and the arguments, calls the function, encodes its reply.
    fn invoke(&self) -> TokenStream {
        let makers = self.parameters.iter().enumerate().map(|(position, (parameter, _))| match position {
            0 if looks_like_context(parameter) => located(ours!(__mayfly::event_first(invocation)), parameter),
            0 => located(ours!(__mayfly::Call::event(invocation)), parameter),
            _ => located(ours!(__mayfly::Call::argument(invocation)), parameter),
        });
        let value = located(ours!(&value), &place::of_success(self.function));
        let steps = self.steps(makers, &ours!(__mayfly::Call::encode(invocation, #value)));
        let body = self.driven(&ours!(invocation.executor), steps);
        ours! {
            fn invoke(invocation: &mut __mayfly::Call<'_>) -> __mayfly::core::result::Result<(), __mayfly::Error> {
                #body
            }
        }
    }

    /// `fn build`: takes the states, calls the function, keeps the state that it makes.
    fn build(&self) -> TokenStream {
        let makers = self
            .parameters
            .iter()
            .map(|(parameter, _)| located(ours!(__mayfly::FromStates::from_states(states)), parameter));
        let value = located(ours!(__mayfly::core::convert::identity(value)), &place::of_success(self.function));
        let steps = self.steps(makers, &ours!(__mayfly::core::result::Result::Ok(__mayfly::keep(#value))));
        let body = self.driven(&ours!(executor), steps);
        ours! {
            fn build(
                states: &__mayfly::Store,
                executor: &__mayfly::Executor,
            ) -> __mayfly::core::result::Result<__mayfly::Erased, __mayfly::Error> {
                #body
            }
        }
    }

    /// Makes the arguments one after the other, calls the function and goes on with what it returned.
    fn steps(&self, makers: impl Iterator<Item = TokenStream>, done: &TokenStream) -> TokenStream {
        let name = &self.name;
        let arguments = self.arguments();
        let call = located(ours!(self::#name(#(#arguments),*)), name);
        let dot_await = self.function.is_async().then(|| ours!(.await));
        // `identity` gives the argument a first and a last token: both ends of the error's type.
        let error = located(ours!(__mayfly::core::convert::identity(error)), &place::of_error(self.function));
        let output = place::of_output(self.function).into_iter().next();
        let split = located(ours!(__mayfly::Returned::of(&returned).split(returned)), &output);
        ours! {
            #(let #arguments = #makers?;)*
            let returned = #call #dot_await;
            match #split {
                __mayfly::core::result::Result::Ok(value) => #done,
                __mayfly::core::result::Result::Err(error) => {
                    __mayfly::core::result::Result::Err(__mayfly::Failed::of(&error).report(#error))
                }
            }
        }
    }

    /// Runs the steps of an `async fn` on the executor.
    fn driven(&self, executor: &TokenStream, steps: TokenStream) -> TokenStream {
        if !self.function.is_async() {
            return steps;
        }
        let drive = located(ours!(__mayfly::drive!(executor, async move { #steps })), &self.name);
        ours! {
            let executor = #executor;
            #drive
        }
    }

    /// `fn needs`: the states behind the parameters, `first` and on; their types are those of a call never made.
    fn needs(&self, first: usize) -> TokenStream {
        let name = &self.name;
        let arguments = self.arguments();
        let asked = arguments.get(first..).unwrap_or_default();
        let askers: Vec<_> = asked.iter().map(|argument| format_ident!("needs_of_{argument}")).collect();
        ours! {
            fn needs(needs: &mut __mayfly::Needs) {
                #(let #askers = __mayfly::Asked::TAG;)*
                let _ = |#(#arguments),*| {
                    #(__mayfly::Asked::is(&#askers, &#asked);)*
                    self::#name(#(#arguments),*)
                };
                #(#askers.needs(needs);)*
            }
        }
    }

    /// `fn provides`: the type of the state that an init makes, which is that of a call never made.
    fn provides(&self) -> TokenStream {
        let name = &self.name;
        let arguments = self.arguments();
        let is = if self.function.is_async() { ours!(is_awaited) } else { ours!(is) };
        ours! {
            fn provides() -> __mayfly::StateType {
                __mayfly::mark();
                let returned = __mayfly::Returned::TAG;
                let _ = |#(#arguments),*| __mayfly::Returned::#is(&returned, &self::#name(#(#arguments),*));
                returned.state_type()
            }
        }
    }

    fn arguments(&self) -> Vec<&Ident> {
        self.parameters.iter().map(|(_, argument)| argument).collect()
    }
}

/// Whether a first parameter looks like one that belongs further back: then the same bound is asked for under another
/// message.
fn looks_like_context(parameter: &Type) -> bool {
    last_segment(parameter).is_some_and(|segment| segment.ident == "Context" || segment.ident == "State")
}
