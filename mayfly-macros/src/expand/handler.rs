//! The entry of a function in the registry, which `inventory` puts there.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::check::common::LONGEST_NAME;
use crate::expand::text;
use crate::parse::args::Args;
use crate::parse::place::{located, ours};
use crate::parse::signature::Function;

/// Emits the entry of a handler.
pub(crate) fn handler(function: &Function, name: &Ident, args: &Args) -> TokenStream {
    let is_async = function.is_async();
    let (file, line) = place(function);
    let event = option(function.parameters().next().map(text::of));
    let reply = function.output().map_or_else(|| "()".to_owned(), text::of);
    let own_name = option(args.name.as_ref());
    let default = args.default;
    // Without another name, a path that is too long for Lambda's setting could never be selected.
    let check = args.name.is_none().then(|| {
        let too_long = format!(
            "the path of this handler has more than the {LONGEST_NAME} characters that Lambda's setting Handler \
             takes; give it a shorter name: #[mayfly::handler(name = \"...\")]"
        );
        let check =
            located(ours!(__mayfly::core::assert!(__mayfly::characters(PATH) <= #LONGEST_NAME, #too_long)), name);
        ours!(const _: () = #check;)
    });
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
                        invoke,
                    }
                },
            }
        }
    }
}

/// Emits the entry of an init.
pub(crate) fn init(function: &Function) -> TokenStream {
    let is_async = function.is_async();
    let (file, line) = place(function);
    ours! {
        __mayfly::inventory::submit! {
            __mayfly::Provider {
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

/// The file and line of the user's function.
fn place(function: &Function) -> (TokenStream, TokenStream) {
    // With the very span of the user's name, `line!` is the line of that name; with one of ours, the attribute's.
    let user = function.name().span();
    (quote_spanned!(user=> __mayfly::core::file!()), quote_spanned!(user=> __mayfly::core::line!()))
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => ours!(__mayfly::core::option::Option::Some(#value)),
        None => ours!(__mayfly::core::option::Option::None),
    }
}
