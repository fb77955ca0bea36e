//! The arguments of an attribute.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::token::Bracket;
use syn::{Error, LitInt, LitStr, Path, Result, Token, bracketed};

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

/// `stream`: the responses of a service are streamed.
pub(crate) const STREAM: Argument = Argument {
    key: "stream",
    form: "no value",
    set: |args, _| {
        args.stream = true;
        Ok(())
    },
};

/// `crate = path::to::mayfly`: the path of Mayfly where it is not `::mayfly`.
pub(crate) const CRATE: Argument = Argument {
    key: "crate",
    form: "a path: `crate = path::to::mayfly`",
    set: |args, input| assign(&mut args.krate, input, Path::parse_mod_style),
};

/// `methods = [GET, POST]`: the methods of a route.
pub(crate) const METHODS: Argument = Argument {
    key: "methods",
    form: "a list of methods in brackets: `methods = [GET, POST]`",
    set: |args, input| assign(&mut args.methods, input, list_of_methods),
};

/// `around = [trace, audit]`: the functions around the invocations of one handler.
pub(crate) const AROUND: Argument = Argument {
    key: "around",
    form: "an around function or several in brackets: `around = [trace, audit]`",
    set: |args, input| assign(&mut args.arounds, input, arounds),
};

/// `concurrency = 20`: the number of records that an async batch function handles at once.
pub(crate) const CONCURRENCY: Argument = Argument {
    key: "concurrency",
    form: "a number from 1 on: `concurrency = 20`",
    set: |args, input| assign(&mut args.concurrency, input, number_from_one),
};

/// `report_all`: a batch whose records have all failed is reported record by record.
pub(crate) const REPORT_ALL: Argument = Argument {
    key: "report_all",
    form: "no value",
    set: |args, _| {
        args.report_all = true;
        Ok(())
    },
};

/// The values of an attribute's arguments.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<LitStr>,
    pub(crate) default: bool,
    pub(crate) stream: bool,
    pub(crate) krate: Option<Path>,
    pub(crate) pattern: Option<LitStr>,
    pub(crate) methods: Option<Vec<Ident>>,
    pub(crate) arounds: Option<Arounds>,
    pub(crate) concurrency: Option<LitInt>,
    pub(crate) report_all: bool,
}

/// The value of `around`.
pub(crate) enum Arounds {
    /// Functions in brackets.
    List(Vec<Path>),
    /// One function, or a constant that holds a list.
    One(Path),
}

/// The arguments that an attribute accepts.
pub(crate) struct Grammar {
    /// The meaning of a string that stands alone, without a key.
    pub(crate) literal: Literal,
    /// The arguments that begin with a key.
    pub(crate) keys: &'static [Argument],
}

/// The meaning of a string without a key.
#[derive(Clone, Copy)]
pub(crate) enum Literal {
    /// None.
    None,
    /// A mistake: a name whose key is missing.
    Name,
    /// The pattern of a route.
    Pattern,
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
        if input.peek(LitStr) {
            match grammar.literal {
                Literal::None => {}
                Literal::Name => return Err(input.error("write `name = \"…\"`")),
                Literal::Pattern => return self.read_pattern(input),
            }
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

    fn read_pattern(&mut self, input: ParseStream<'_>) -> Result<()> {
        let pattern: LitStr = input.parse()?;
        if self.pattern.is_some() {
            return Err(Error::new(pattern.span(), "a route has one pattern; write a function for each"));
        }
        self.pattern = Some(pattern);
        Ok(())
    }
}

impl Grammar {
    /// Lists the keys for a message.
    fn expected(&self) -> String {
        let pattern = matches!(self.literal, Literal::Pattern).then(|| PATTERN_FORM.to_owned());
        let keys = self.keys.iter().map(|argument| format!("`{}`", argument.key));
        let keys: Vec<_> = pattern.into_iter().chain(keys).collect();
        let one_of = if keys.len() == 1 { "" } else { "one of: " };
        format!("expected {one_of}{}", keys.join(", "))
    }
}

/// The pattern of a route, as messages describe it.
const PATTERN_FORM: &str = "a pattern such as `\"/orders/{id}\"`";

fn list_of_methods(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let methods;
    bracketed!(methods in input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&methods)?.into_iter().collect())
}

fn arounds(input: ParseStream<'_>) -> Result<Arounds> {
    if !input.peek(Bracket) {
        return Path::parse_mod_style(input).map(Arounds::One);
    }
    let paths;
    bracketed!(paths in input);
    let paths = paths.parse_terminated(Path::parse_mod_style, Token![,])?;
    Ok(Arounds::List(paths.into_iter().collect()))
}

fn number_from_one(input: ParseStream<'_>) -> Result<LitInt> {
    let number: LitInt = input.parse()?;
    match number.base10_parse::<u32>() {
        Ok(1..) if number.suffix().is_empty() => Ok(number),
        _ => Err(Error::new(number.span(), "not a number from 1 on")),
    }
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
