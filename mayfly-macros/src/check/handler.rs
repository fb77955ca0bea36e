//! The rules of `#[mayfly::handler]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::args::{Args, LONGEST_NAME};
use crate::parse::signature::Function;

const NOT_GENERIC: &str =
    "a handler cannot be generic: Lambda picks it by name at run time; write one handler per concrete type";

/// Checks a handler.
pub(crate) fn handler(input: &Input<'_>, mistakes: &mut Mistakes) {
    name(&input.args, mistakes);
    common::qualifiers(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, unnamed_type, mistakes);
    event(&input.function, mistakes);
    reply(input, mistakes);
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn name(args: &Args, mistakes: &mut Mistakes) {
    let Some(name) = &args.name else { return };
    let value = name.value();
    if value.is_empty() {
        mistakes.add(name, "a handler's name cannot be empty");
    }
    if value.contains(char::is_whitespace) {
        mistakes.add(name, "a handler's name cannot contain white space: Lambda's Handler setting does not accept it");
    }
    let length = value.chars().count();
    if length > LONGEST_NAME {
        mistakes.add(
            name,
            format_args!(
                "a handler's name has at most {LONGEST_NAME} characters, the limit of Lambda's Handler setting; this \
                 one has {length}"
            ),
        );
    }
}

fn unnamed_type(position: usize) -> &'static str {
    match position {
        0 => "name the event type: it is decoded from JSON, so its type must be known",
        _ => "name the type: it decides what is taken from the invocation",
    }
}

fn event(function: &Function, mistakes: &mut Mistakes) {
    let Some(event) = function.parameters().next() else { return };
    for borrow in static_borrows(event.to_token_stream()) {
        mistakes.add(&borrow, "the event lives only as long as its invocation; remove `'static`");
    }
}

/// Finds each `&'static`, at any depth.
fn static_borrows(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        match (token, tokens.get(position + 1..position + 3)) {
            (TokenTree::Group(group), _) => found.extend(static_borrows(group.stream())),
            (TokenTree::Punct(and), Some([TokenTree::Punct(tick), TokenTree::Ident(lifetime)]))
                if and.as_char() == '&' && tick.as_char() == '\'' && lifetime == "static" =>
            {
                found.push(tokens[position..position + 3].iter().cloned().collect());
            }
            _ => {}
        }
    }
    found
}

fn reply(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(output) = input.function.output() else { return };
    output::never(input, output, mistakes);
    output::future(input, output, mistakes);
    output::inner_results(input, output, mistakes);
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::LitStr;

    use super::*;

    #[test]
    fn a_name_has_at_most_128_characters_of_any_width_and_no_white_space() {
        let wrong = |value: &str| {
            let mut mistakes = Mistakes::default();
            name(&Args { name: Some(LitStr::new(value, Span::call_site())), ..Args::default() }, &mut mistakes);
            mistakes.finish().map_err(|error| error.to_string()).err().unwrap_or_default()
        };
        for letter in ["a", "ß", "\u{1f44b}"] {
            assert_eq!(wrong(&letter.repeat(128)), "", "{letter}");
            assert!(wrong(&letter.repeat(129)).ends_with("this one has 129"), "{letter}");
        }
        for blank in [' ', '\t', '\n', '\r', '\u{b}', '\u{85}', '\u{a0}', '\u{2003}', '\u{2028}', '\u{3000}'] {
            for name in [format!("a{blank}b"), format!("a{blank}"), format!("{blank}a")] {
                assert!(wrong(&name).contains("white space"), "{name:?}");
            }
        }
    }
}
