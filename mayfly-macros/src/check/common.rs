//! The rules that several attributes share, in the order in which a user reads the signature.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, GenericParam, PatType, Path, Safety, Type};

use crate::kind::{Input, Kind};
use crate::mistakes::Mistakes;
use crate::parse::args::{Args, LONGEST_NAME};
use crate::parse::signature::{has_word, last_segment};

/// Attributes by which another runtime or the test harness starts the function.
const STARTED_BY_OTHERS: [&str; 4] = ["test", "tokio::main", "tokio::test", "async_std::main"];

/// Rejects a second attribute of Mayfly, and attributes by which something else starts the function.
pub(crate) fn attributes(input: &Input<'_>, kinds: &[&Kind], mistakes: &mut Mistakes) {
    let noun = input.kind.noun;
    for attribute in &input.function.attributes {
        let path = path_text(attribute.path());
        let name = name_in_mayfly(&path, &input.args);
        if kinds.iter().any(|kind| kind.name == name) {
            mistakes.add(attribute, format_args!("{noun} is registered once; remove `#[{path}]`"));
        } else if STARTED_BY_OTHERS.contains(&path.as_str()) {
            mistakes.add(attribute, format_args!("{noun} is started by `mayfly::run`; remove `#[{path}]`"));
        }
    }
}

/// Strips the path of the crate from an attribute's path, if it has it.
fn name_in_mayfly<'a>(path: &'a str, args: &Args) -> &'a str {
    let krate = args.krate.as_ref().map_or_else(|| "mayfly".to_owned(), path_text);
    path.strip_prefix(&krate).and_then(|rest| rest.strip_prefix("::")).unwrap_or(path)
}

fn path_text(path: &Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

/// Checks the name of a function that Lambda's **Handler** setting selects.
pub(crate) fn name(noun: &str, args: &Args, mistakes: &mut Mistakes) {
    let Some(name) = &args.name else { return };
    let value = name.value();
    if value.is_empty() {
        mistakes.add(name, format_args!("{noun}'s name cannot be empty"));
    }
    if value.contains(char::is_whitespace) {
        mistakes.add(
            name,
            format_args!("{noun}'s name cannot contain white space: Lambda's Handler setting does not accept it"),
        );
    }
    let length = value.chars().count();
    if length > LONGEST_NAME {
        mistakes.add(
            name,
            format_args!(
                "{noun}'s name has at most {LONGEST_NAME} characters, the limit of Lambda's Handler setting; this \
                 one has {length}"
            ),
        );
    }
}

/// Rejects `unsafe` and `extern`.
pub(crate) fn qualifiers(input: &Input<'_>, mistakes: &mut Mistakes) {
    let signature = &input.function.signature;
    match (&signature.safety, &signature.abi) {
        (Safety::Unsafe(word), abi) => not_safe_rust(&quote!(#word #abi), input, mistakes),
        (_, Some(abi)) => not_safe_rust(abi, input, mistakes),
        _ => {}
    }
}

fn not_safe_rust(place: &impl ToTokens, input: &Input<'_>, mistakes: &mut Mistakes) {
    let noun = input.kind.noun;
    mistakes.add(place, format_args!("{noun} must be a safe Rust function; call the unsafe code inside it"));
}

/// Rejects type and const parameters.
pub(crate) fn generics(input: &Input<'_>, message: &str, mistakes: &mut Mistakes) {
    for parameter in &input.function.signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            mistakes.add(parameter, message);
        }
    }
}

/// Rejects a `where` clause.
pub(crate) fn where_clause(input: &Input<'_>, message: &str, mistakes: &mut Mistakes) {
    if let Some(clause) = &input.function.signature.generics.where_clause {
        mistakes.add(clause, message);
    }
}

/// Rejects parameters that no attribute accepts; `unnamed_type` is the message for `impl Trait` at a position.
pub(crate) fn parameters(input: &Input<'_>, unnamed_type: fn(usize) -> &'static str, mistakes: &mut Mistakes) {
    let noun = input.kind.noun;
    let signature = &input.function.signature;
    for (position, parameter) in signature.inputs.iter().enumerate() {
        match parameter {
            FnArg::Typed(PatType { attrs, ty, .. }) => {
                cfg(attrs, noun, mistakes);
                if has_word(&ty.to_token_stream(), "impl") {
                    mistakes.add(ty, unnamed_type(position));
                }
                reference(ty, mistakes);
            }
            FnArg::Receiver(receiver) => mistakes.add(
                receiver,
                format_args!(
                    "{noun} is a free function and cannot take `self`; share what it needs through `#[mayfly::init]` \
                     and `State<T>`"
                ),
            ),
        }
    }
    if let Some(variadic) = &signature.variadic {
        not_safe_rust(&variadic.dots, input, mistakes);
    }
}

fn cfg(attributes: &[Attribute], noun: &str, mistakes: &mut Mistakes) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        mistakes.add(
            attribute,
            format_args!("`#[cfg]` on a parameter of {noun} is not supported; write the function once per `#[cfg]`"),
        );
    }
}

fn reference(parameter: &Type, mistakes: &mut Mistakes) {
    // Neither of them can be an event.
    by_value(parameter, &["Context", "State"], mistakes);
}

/// Rejects a reference to a type with one of these names.
pub(crate) fn by_value(parameter: &Type, names: &[&str], mistakes: &mut Mistakes) {
    if let Some((reference, name)) = reference_to(parameter, names) {
        mistakes.add(&reference, format_args!("`{name}` is taken by value; remove the `&`"));
    }
}

/// Finds the `&` of a reference to a type with one of these names.
fn reference_to<'a>(parameter: &'a Type, names: &[&str]) -> Option<(TokenStream, &'a Ident)> {
    let Type::Reference(reference) = parameter else { return None };
    let name = &last_segment(&reference.elem)?.ident;
    let (and, lifetime, mutability) = (&reference.and_token, &reference.lifetime, &reference.mutability);
    names.iter().any(|one| name == one).then(|| (quote!(#and #lifetime #mutability), name))
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
            name(
                "a handler",
                &Args { name: Some(LitStr::new(value, Span::call_site())), ..Args::default() },
                &mut mistakes,
            );
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
