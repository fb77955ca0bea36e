//! Every rule on the syntax, with its message, in the order in which the user reads the signature.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, GenericParam, Generics, PatType, Path, Safety, Signature, Type};

use crate::check::output;
use crate::mistakes::Mistakes;
use crate::parse::args::{Args, Kind};
use crate::parse::signature::{Function, has_word, last_segment};

/// The longest name that Lambda's setting **Handler** takes.
pub(crate) const LONGEST_NAME: usize = 128;

/// Checks what a handler's attribute and signature say.
pub(crate) fn handler(args: &Args, function: &Function, mistakes: &mut Mistakes) {
    let signature = &function.signature;
    name(args, mistakes);
    attributes(&function.attributes, args, Kind::Handler, mistakes);
    qualifiers(signature, Kind::Handler, mistakes);
    generics(&signature.generics, Kind::Handler, mistakes);
    parameters(signature, Kind::Handler, mistakes);
    event(function, mistakes);
    output::reply(function, mistakes);
    where_clause(&signature.generics, Kind::Handler, mistakes);
}

/// Checks what an init's attribute and signature say.
pub(crate) fn init(args: &Args, function: &Function, mistakes: &mut Mistakes) {
    let signature = &function.signature;
    attributes(&function.attributes, args, Kind::Init, mistakes);
    qualifiers(signature, Kind::Init, mistakes);
    generics(&signature.generics, Kind::Init, mistakes);
    parameters(signature, Kind::Init, mistakes);
    output::state(function, mistakes);
    where_clause(&signature.generics, Kind::Init, mistakes);
}

fn name(args: &Args, mistakes: &mut Mistakes) {
    let Some(name) = &args.name else { return };
    let value = name.value();
    if value.is_empty() {
        mistakes.add(name, "a handler's name cannot be empty");
    }
    if value.contains(char::is_whitespace) {
        mistakes.add(name, "a handler's name cannot hold white space: Lambda's setting does not take it");
    }
    let length = value.chars().count();
    if length > LONGEST_NAME {
        mistakes.add(
            name,
            format_args!(
                "a handler's name has at most {LONGEST_NAME} characters, as Lambda's setting has; this has {length}"
            ),
        );
    }
}

/// Attributes that make something else of the function.
fn attributes(attributes: &[Attribute], args: &Args, kind: Kind, mistakes: &mut Mistakes) {
    for attribute in attributes {
        let path = path_text(attribute.path());
        if is_ours(&path, args) {
            mistakes.add(attribute, format_args!("{kind} is registered once; remove `#[{path}]`"));
        } else if ["test", "tokio::main", "tokio::test", "async_std::main"].contains(&path.as_str()) {
            mistakes.add(attribute, format_args!("{kind} is started by `mayfly::run`; remove `#[{path}]`"));
        }
    }
}

fn is_ours(path: &str, args: &Args) -> bool {
    let krate = args.krate.as_ref().map_or_else(|| "mayfly".to_owned(), path_text);
    let name = path.strip_prefix(&krate).and_then(|rest| rest.strip_prefix("::")).unwrap_or(path);
    name == "handler" || name == "init"
}

fn path_text(path: &Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

fn qualifiers(signature: &Signature, kind: Kind, mistakes: &mut Mistakes) {
    match (&signature.safety, &signature.abi) {
        (Safety::Unsafe(word), abi) => unsafe_or_foreign(&quote!(#word #abi), kind, mistakes),
        (_, Some(abi)) => unsafe_or_foreign(abi, kind, mistakes),
        _ => {}
    }
}

fn unsafe_or_foreign(place: &impl ToTokens, kind: Kind, mistakes: &mut Mistakes) {
    mistakes.add(place, format_args!("{kind} must be a safe Rust function; call the unsafe code inside it"));
}

fn generics(generics: &Generics, kind: Kind, mistakes: &mut Mistakes) {
    for parameter in &generics.params {
        match (kind, parameter) {
            (Kind::Handler, GenericParam::Lifetime(_)) => {}
            (Kind::Init, GenericParam::Lifetime(lifetime)) => mistakes
                .add(lifetime, "an init cannot be generic: its state lives as long as the process; write `'static`"),
            (_, GenericParam::Type(_) | GenericParam::Const(_)) => mistakes.add(parameter, not_generic(kind)),
        }
    }
}

fn where_clause(generics: &Generics, kind: Kind, mistakes: &mut Mistakes) {
    if let Some(clause) = &generics.where_clause {
        mistakes.add(clause, not_generic(kind));
    }
}

fn not_generic(kind: Kind) -> &'static str {
    match kind {
        Kind::Handler => {
            "a handler cannot be generic: Lambda picks it by name at run time; write one handler per concrete type"
        }
        Kind::Init => "an init cannot be generic: nobody names its types when it runs; write one per state",
    }
}

fn parameters(signature: &Signature, kind: Kind, mistakes: &mut Mistakes) {
    for (position, input) in signature.inputs.iter().enumerate() {
        match input {
            FnArg::Typed(PatType { attrs, ty, .. }) => {
                cfg(attrs, kind, mistakes);
                parameter(ty, position, kind, mistakes);
            }
            FnArg::Receiver(receiver) => mistakes.add(
                receiver,
                format_args!(
                    "{kind} is a free function and cannot take `self`; share what it needs through `#[mayfly::init]` \
                     and `State<T>`"
                ),
            ),
        }
    }
    if let Some(variadic) = &signature.variadic {
        unsafe_or_foreign(&variadic.dots, kind, mistakes);
    }
}

fn cfg(attributes: &[Attribute], kind: Kind, mistakes: &mut Mistakes) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        mistakes.add(
            attribute,
            format_args!("`#[cfg]` on a parameter of {kind} is not supported; write the function once per `#[cfg]`"),
        );
    }
}

fn parameter(parameter: &Type, position: usize, kind: Kind, mistakes: &mut Mistakes) {
    if has_word(&parameter.to_token_stream(), "impl") {
        let message = match (kind, position) {
            (Kind::Handler, 0) => "name the event type: it is decoded from JSON, so its type must be known",
            (Kind::Handler, _) => "name the type: it decides what is taken from the invocation",
            (Kind::Init, _) => "name the type: an init takes `State<T>`",
        };
        mistakes.add(parameter, message);
    }
    if let Some((reference, name)) = reference_to_context(parameter) {
        mistakes.add(&reference, format_args!("`{name}` is taken by value; remove the `&`"));
    }
}

/// `&Context` and `&State<T>`, which no event can be.
fn reference_to_context(parameter: &Type) -> Option<(TokenStream, &Ident)> {
    let Type::Reference(reference) = parameter else { return None };
    let name = &last_segment(&reference.elem)?.ident;
    let (and, lifetime, mutability) = (&reference.and_token, &reference.lifetime, &reference.mutability);
    (name == "Context" || name == "State").then(|| (quote!(#and #lifetime #mutability), name))
}

fn event(function: &Function, mistakes: &mut Mistakes) {
    let Some(event) = function.parameters().next() else { return };
    for borrow in static_borrows(event.to_token_stream()) {
        mistakes.add(&borrow, "the event lives only as long as its invocation; remove `'static`");
    }
}

/// Every `&'static` in some tokens.
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

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::LitStr;

    use super::*;

    #[test]
    fn a_name_has_at_most_128_characters_however_many_bytes_and_no_white_space() {
        let wrong = |value: &str| {
            let mut mistakes = Mistakes::default();
            name(&Args { name: Some(LitStr::new(value, Span::call_site())), ..Args::default() }, &mut mistakes);
            mistakes.finish().map_err(|error| error.to_string()).err().unwrap_or_default()
        };
        for letter in ["a", "ß", "\u{1f44b}"] {
            assert_eq!(wrong(&letter.repeat(128)), "", "{letter}");
            assert!(wrong(&letter.repeat(129)).ends_with("this has 129"), "{letter}");
        }
        for blank in [' ', '\t', '\n', '\r', '\u{b}', '\u{85}', '\u{a0}', '\u{2003}', '\u{2028}', '\u{3000}'] {
            for name in [format!("a{blank}b"), format!("a{blank}"), format!("{blank}a")] {
                assert!(wrong(&name).contains("white space"), "{name:?}");
            }
        }
    }
}
