//! The arguments of an attribute.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, LitStr, Path, Result, Token};

use crate::mistakes::Mistakes;

/// The most characters of a handler's name: the limit of Lambda's **Handler** setting.
pub(crate) const LONGEST_NAME: usize = 128;

/// `name = "orders"`: selects the handler, in addition to its path.
pub(crate) const NAME: Argument = Argument {
    key: "name",
    form: "a string: `name = \"orders\"`",
    set: |args, input| assign(&mut args.name, input, Parse::parse),
};

/// `default`: the handler runs where none is named.
pub(crate) const DEFAULT: Argument = Argument {
    key: "default",
    form: "no value",
    set: |args, _| {
        args.default = true;
        Ok(())
    },
};

/// `crate = path::to::mayfly`: the path of Mayfly where it is not `::mayfly`.
pub(crate) const CRATE: Argument = Argument {
    key: "crate",
    form: "a path: `crate = path::to::mayfly`",
    set: |args, input| assign(&mut args.krate, input, Path::parse_mod_style),
};

/// The values of an attribute's arguments.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<LitStr>,
    pub(crate) default: bool,
    pub(crate) krate: Option<Path>,
}

/// The arguments that an attribute accepts.
pub(crate) struct Grammar {
    /// Takes a string that stands alone, without a key.
    pub(crate) literal: Option<fn(&mut Args, &LitStr) -> Result<()>>,
    /// The arguments that begin with a key.
    pub(crate) keys: &'static [Argument],
}

/// An argument that begins with a key.
pub(crate) struct Argument {
    key: &'static str,
    /// The value that the key takes, as messages describe it.
    form: &'static str,
    /// Reads the tokens after the key and sets the value.
    set: fn(&mut Args, ParseStream<'_>) -> Result<()>,
}

impl Args {
    /// Reads the arguments one by one, so that a mistake in one does not hide those in the next.
    pub(crate) fn parse(tokens: TokenStream, grammar: &Grammar, mistakes: &mut Mistakes) -> Self {
        let (mut args, mut seen) = (Self::default(), Vec::new());
        for argument in split_at_commas(tokens) {
            mistakes.note((|input: ParseStream<'_>| args.read(input, grammar, &mut seen)).parse2(argument));
        }
        args
    }

    fn read(&mut self, input: ParseStream<'_>, grammar: &Grammar, seen: &mut Vec<&str>) -> Result<()> {
        if let (true, Some(set)) = (input.peek(LitStr), grammar.literal) {
            return set(self, &input.parse()?);
        }
        let Ok(key) = input.call(Ident::parse_any) else { return Err(input.error(grammar.expected())) };
        let Some(argument) = grammar.keys.iter().find(|argument| key == argument.key) else {
            return Err(Error::new(key.span(), format!("unknown argument `{key}`; {}", grammar.expected())));
        };
        if seen.contains(&argument.key) {
            return Err(Error::new(key.span(), format!("`{key}` specified more than once")));
        }
        if (argument.set)(self, input).is_err() || !input.is_empty() {
            return Err(Error::new(key.span(), format!("`{key}` takes {}", argument.form)));
        }
        seen.push(argument.key);
        Ok(())
    }
}

impl Grammar {
    /// Lists the keys for a message.
    fn expected(&self) -> String {
        let keys: Vec<_> = self.keys.iter().map(|argument| format!("`{}`", argument.key)).collect();
        let one_of = if keys.len() == 1 { "" } else { "one of: " };
        format!("expected {one_of}{}", keys.join(", "))
    }
}

/// Refuses a name without its key.
pub(crate) fn name_without_key(_: &mut Args, literal: &LitStr) -> Result<()> {
    Err(Error::new(literal.span(), "write `name = \"…\"`"))
}

/// Reads `= value`.
fn assign<T>(slot: &mut Option<T>, input: ParseStream<'_>, value: fn(ParseStream<'_>) -> Result<T>) -> Result<()> {
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
