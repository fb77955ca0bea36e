//! The arguments of the attributes.

use std::fmt;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, LitStr, Path, Result, Token};

use crate::mistakes::Mistakes;

/// Which of the attributes stands on a function.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    // #[mayfly::handler]
    // #[mayfly::handler(name = "orders")]
    // #[mayfly::handler(default)]
    // #[mayfly::handler(crate = path::to::mayfly)]
    // #[mayfly::handler(name = "orders", default, crate = path::to::mayfly)]
    Handler,
    // #[mayfly::init]
    // #[mayfly::init(crate = path::to::mayfly)]
    Init,
}

/// The function under the attribute, as messages call it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handler => "a handler",
            Self::Init => "an init",
        })
    }
}

impl Kind {
    /// What to say of an item that is no function.
    pub(crate) fn not_a_function(self) -> &'static str {
        match self {
            Self::Handler => "`#[mayfly::handler]` goes on a function",
            Self::Init => "`#[mayfly::init]` goes on a function",
        }
    }

    /// The attribute as it is written.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Handler => "#[mayfly::handler]",
            Self::Init => "#[mayfly::init]",
        }
    }

    fn arguments(self) -> &'static str {
        match self {
            Self::Handler => "expected one of: `name`, `default`, `crate`",
            Self::Init => "expected `crate`",
        }
    }
}

/// What stands in an attribute's parentheses.
#[derive(Default)]
pub(crate) struct Args {
    /// The handler's name, where it is not its path.
    pub(crate) name: Option<LitStr>,
    /// Whether it runs where no handler is named.
    pub(crate) default: bool,
    /// The path of the crate `mayfly`, where it is not `::mayfly`.
    pub(crate) krate: Option<Path>,
}

impl Args {
    /// Reads the arguments one by one, so that a mistake in one does not hide those in the next.
    pub(crate) fn parse(tokens: TokenStream, kind: Kind, mistakes: &mut Mistakes) -> Self {
        let mut args = Self::default();
        for argument in split_at_commas(tokens) {
            mistakes.note((|input: ParseStream<'_>| args.read(input, kind)).parse2(argument));
        }
        args
    }

    fn read(&mut self, input: ParseStream<'_>, kind: Kind) -> Result<()> {
        let Ok(key) = input.call(Ident::parse_any) else {
            let literal = matches!(kind, Kind::Handler) && input.peek(LitStr);
            return Err(input.error(if literal { "write `name = \"…\"`" } else { kind.arguments() }));
        };
        let (again, value, form) = match (kind, key.to_string().as_str()) {
            (Kind::Handler, "name") => {
                (self.name.is_some(), set(&mut self.name, input, Parse::parse), "a string: `name = \"orders\"`")
            }
            (Kind::Handler, "default") => (std::mem::replace(&mut self.default, true), Ok(()), "no value"),
            (_, "crate") => (
                self.krate.is_some(),
                set(&mut self.krate, input, Path::parse_mod_style),
                "a path: `crate = path::to::mayfly`",
            ),
            _ => return Err(Error::new(key.span(), format!("unknown argument `{key}`; {}", kind.arguments()))),
        };
        if again {
            return Err(Error::new(key.span(), format!("`{key}` specified more than once")));
        }
        if value.is_err() || !input.is_empty() {
            return Err(Error::new(key.span(), format!("`{key}` takes {form}")));
        }
        Ok(())
    }
}

/// Reads `= value`.
fn set<T>(slot: &mut Option<T>, input: ParseStream<'_>, value: fn(ParseStream<'_>) -> Result<T>) -> Result<()> {
    input.parse::<Token![=]>()?;
    *slot = Some(value(input)?);
    Ok(())
}

fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens
        .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
        .map(|argument| argument.iter().cloned().collect())
        .filter(|argument: &TokenStream| !argument.is_empty())
        .collect()
}
