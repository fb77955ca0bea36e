//! `Emitter`, which writes the parts that the expansions of several attributes share.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use crate::expand::arounds;
use crate::expand::deprecated;
use crate::expand::text;
use crate::expand::tokens::{located, ours};
use crate::kind::{Input, Kind};
use crate::parse::args::LONGEST_NAME;
use crate::parse::place;
use crate::parse::signature::Function;

/// Writes the expansion of one use of an attribute.
pub(crate) struct Emitter<'a> {
    pub(crate) input: &'a Input<'a>,
    /// The function's name, located at the user's. It is a raw identifier: a word like `gen` is a keyword in some
    /// editions only, and emitted tokens have the edition of this crate.
    pub(crate) name: Ident,
    /// The type of each parameter, and the name of its argument.
    pub(crate) parameters: Vec<(&'a Type, Ident)>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(input: &'a Input<'a>) -> Self {
        let name = input.function.name();
        let name = Ident::new_raw(&name.unraw().to_string(), Span::mixed_site().located_at(name.span()));
        let parameters = input
            .function
            .parameters()
            .enumerate()
            .map(|(position, parameter)| (parameter, format_ident!("argument{position}", span = Span::mixed_site())))
            .collect();
        Self { input, name, parameters }
    }

    pub(crate) fn function(&self) -> &'a Function {
        &self.input.function
    }

    /// Emits the user's function as it is written, then the registration.
    ///
    /// The constant around the registration has a name, since `const _` in an `impl` block would be an error of its
    /// own; by the same name the runtime finds generated frames in a stack trace. Inside it, `use … as __mayfly` is the
    /// only mention of the crate, so that a wrong `crate = path` is a single error.
    ///
    /// The second constant, `THE_…_MUST_BE_A_FREE_FUNCTION`, is the error message for an attribute in an `impl` block:
    /// there it becomes an associated constant, and the module has none of that name. Without it, a function of the
    /// module that has the method's name would be registered in place of the method.
    pub(crate) fn beside(&self, registration: &TokenStream) -> TokenStream {
        let (name, kind) = (self.name.unraw(), self.input.kind.name.to_uppercase());
        let krate = self.input.args.krate.as_ref().map_or_else(|| ours!(::mayfly), ToTokens::to_token_stream);
        // One word stands for the kind, since a stack trace shows what follows it as the function's name.
        let constant = format_ident!("__MAYFLY_{}_{name}", kind.replace('_', ""), span = Span::mixed_site());
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
        let (item, registration) = if deprecated::is(self.function()) {
            (deprecated::with_inside(self.input.item, &registration), None)
        } else {
            (self.input.item.clone(), Some(registration))
        };
        // Clippy would ask for references, which the user's function cannot take.
        ours! {
            #[allow(clippy::needless_pass_by_value)]
            #item

            #[doc(hidden)]
            const #free: () = ();

            #registration
        }
    }

    /// Emits the body of a function that calls the user's: makes the arguments one by one, calls, and continues with
    /// `done` if the function returned a `value`, else with the report of its error.
    pub(crate) fn steps(&self, makers: impl Iterator<Item = TokenStream>, done: &TokenStream) -> TokenStream {
        let name = &self.name;
        let arguments = self.arguments();
        let call = located(ours!(self::#name(#(#arguments),*)), name);
        let dot_await = self.function().is_async().then(|| ours!(.await));
        // `identity` gives the argument a first and a last token, one for each end of the error's type.
        let error = located(ours!(__mayfly::core::convert::identity(error)), &place::of_error(self.function()));
        let output = place::of_output(self.function()).into_iter().next();
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

    /// Wraps the steps of an `async fn`, so that they run on the executor.
    pub(crate) fn driven(&self, executor: &TokenStream, steps: TokenStream) -> TokenStream {
        self.driven_by(&ours!(drive), executor, steps)
    }

    /// Wraps the steps of an `async fn`, so that this macro runs them on the executor.
    pub(crate) fn driven_by(&self, drive: &TokenStream, executor: &TokenStream, steps: TokenStream) -> TokenStream {
        if !self.function().is_async() {
            return steps;
        }
        let drive = located(ours!(__mayfly::#drive!(executor, async move { #steps })), &self.name);
        ours! {
            let executor = #executor;
            #drive
        }
    }

    /// Emits `fn needs`, which collects the states behind the parameters from position `first` on. Their types are
    /// inferred from a call that is never made.
    pub(crate) fn needs(&self, first: usize) -> TokenStream {
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

    /// Emits the file and the line of the user's function.
    pub(crate) fn file_and_line(&self) -> (TokenStream, TokenStream) {
        // `line!` with the span of the user's name is the line of the name; with a span of the macro's own it would be
        // the line of the attribute.
        let user = self.function().name().span();
        (quote_spanned!(user=> __mayfly::core::file!()), quote_spanned!(user=> __mayfly::core::line!()))
    }

    /// Emits the function that lists the members of a batch and the functions around a handler, if there are any.
    fn list(&self, batch: Option<TokenStream>) -> Option<TokenStream> {
        match (batch, &self.input.args.arounds) {
            (None, None) => None,
            (None, Some(_)) => Some(ours!(__mayfly::list_around)),
            (Some(batch), None) => Some(ours!(|_, json| { #batch })),
            (Some(batch), Some(_)) => Some(ours!(|description, json| {
                #batch
                __mayfly::list_around(description, json);
            })),
        }
    }

    /// Emits the entry of a handler in the registry, with the items that its kind has in addition: the HTTP part, and
    /// the statement that lists the members of a batch.
    pub(crate) fn entry(
        &self,
        is_async: bool,
        event: Option<String>,
        http: Option<TokenStream>,
        batch: Option<TokenStream>,
        invoke: &TokenStream,
    ) -> TokenStream {
        let Input { args, function, .. } = self.input;
        let (file, line) = self.file_and_line();
        let (event, http, list) = (option(event), option(http), option(self.list(batch)));
        let reply = function.output().map_or_else(|| "()".to_owned(), text::of);
        let own_name = option(args.name.as_ref());
        let default = args.default;
        let arounds = arounds::list(args.arounds.as_ref());
        let check = self.path_length();
        ours! {
            #check

            __mayfly::inventory::submit! {
                __mayfly::Handler {
                    path_hash: __mayfly::hash(PATH),
                    name: #own_name,
                    default: #default,
                    is_async: #is_async,
                    describe: || {
                        __mayfly::mark();
                        __mayfly::Description {
                            path: PATH,
                            package: __mayfly::core::env!("CARGO_PKG_NAME"),
                            file: #file,
                            line: #line,
                            event: #event,
                            reply: #reply,
                            needs,
                            http: #http,
                            arounds: #arounds,
                            list: #list,
                            invoke: #invoke,
                        }
                    },
                }
            }
        }
    }

    /// Emits the entry of a service or a route. It is async whatever the function is, since the service is.
    pub(crate) fn http_entry(&self) -> TokenStream {
        self.entry(true, None, Some(ours!(&HTTP)), None, &ours!(__mayfly::http::invoke))
    }

    /// Emits `fn build`, which makes the arguments from the states, calls the function and continues with `done`.
    pub(crate) fn build(&self, parameter_trait: &TokenStream, done: &TokenStream) -> TokenStream {
        let makers = self
            .parameters
            .iter()
            .map(|(parameter, _)| located(ours!(__mayfly::#parameter_trait::from_states(states)), parameter));
        let steps = self.steps(makers, done);
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

    pub(crate) fn arguments(&self) -> Vec<&Ident> {
        self.parameters.iter().map(|(_, argument)| argument).collect()
    }

    /// Emits an assertion on the length of the path, unless the function has a name: with a path that is too long for
    /// Lambda's **Handler** setting it could never be selected.
    pub(crate) fn path_length(&self) -> Option<TokenStream> {
        if self.input.args.name.is_some() {
            return None;
        }
        let Kind { name, noun, .. } = self.input.kind;
        let noun = noun.rsplit(' ').next().unwrap_or(noun);
        let too_long = format!(
            "the path of this {noun} has more than the {LONGEST_NAME} characters that Lambda's Handler setting accepts; \
             give it a shorter name: #[mayfly::{name}(name = \"...\")]"
        );
        let assertion =
            located(ours!(__mayfly::core::assert!(__mayfly::characters(PATH) <= #LONGEST_NAME, #too_long)), &self.name);
        Some(ours!(const _: () = #assertion;))
    }
}

/// Emits an `Option`.
fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => ours!(__mayfly::core::option::Option::Some(#value)),
        None => ours!(__mayfly::core::option::Option::None),
    }
}
