//! The text of a type, spaced as people write it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// Writes a type for the list of handlers. The tokens' own `to_string` would give `Vec < u8 >`.
pub(crate) fn of(written: &Type) -> String {
    let mut text = String::new();
    write(written.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                push(open, text);
                write(group.stream(), text);
                text.push_str(close);
            }
            token => push(&token.to_string(), text),
        }
    }
}

/// Adds a token, after a space where the two tokens need one: `dyn Error`, `&mut [A]`, `A + B`, `(A, B)`, `fn(A) -> B`.
fn push(token: &str, text: &mut String) {
    let starts_word = token.starts_with(|start| is_word(start) || start == '\'');
    let calls_for_space = match text.chars().last() {
        None => false,
        Some(',' | ';' | '+' | '=') => true,
        Some('>') => starts_word || text.ends_with("->"),
        Some(last) if is_word(last) => starts_word || (matches!(token, "(" | "[") && ends_with_modifier(text)),
        Some(_) => false,
    };
    if calls_for_space || matches!(token, "+" | "=" | "-") {
        text.push(' ');
    }
    text.push_str(token);
}

/// Reports whether the last word modifies a whole type (`mut`, `const`, `dyn`, a lifetime), so that a bracket after it
/// begins that type.
fn ends_with_modifier(text: &str) -> bool {
    let before = text.trim_end_matches(is_word);
    before.ends_with('\'') || matches!(&text[before.len()..], "mut" | "const" | "dyn")
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    #[test]
    fn types_are_written_as_people_write_them() {
        let types = [
            "()",
            "Order<'_>",
            "Vec<Option<u8>>",
            "&'a str",
            "&'static mut [u8]",
            "&'a (u8, *const [u8])",
            "[(u8, String); 3]",
            "my_app::Result<Receipt, mayfly::Error>",
            "Result<(), Box<dyn Error + Send + Sync + 'static>>",
            "<Vec<u8> as IntoIterator>::Item",
            "impl Iterator<Item = u8> + use<'_>",
            "Box<dyn for<'a> Fn(&'a u8, fn(u8) -> u8) -> Vec<u8>>",
            "r#type::Type",
        ];
        for text in types {
            assert_eq!(super::of(&syn::parse_str(text).unwrap()), text);
        }
    }
}
