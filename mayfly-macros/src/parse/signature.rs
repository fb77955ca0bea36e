//! `Function`, the item under an attribute.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, FnArg, PathSegment, Result, ReturnType, Type, Visibility};

/// A function up to its body.
///
/// The body is never parsed: a function that is still being typed expands as well, and editors can complete inside it.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: syn::Signature,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let signature = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, signature })
    }
}

impl Function {
    /// Parses the item under `attribute`. If it is no function, the error points at the item's keyword.
    pub(crate) fn parse(item: &TokenStream, attribute: &str) -> Result<Self> {
        syn::parse2(item.clone()).map_err(|error| match other_keyword(item) {
            Some(keyword) => Error::new(keyword.span(), format!("`{attribute}` goes on a function")),
            None => error,
        })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// Returns the types of the parameters, without `self`.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Type> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(&*parameter.ty),
            FnArg::Receiver(_) => None,
        })
    }

    /// Returns the return type, if one is written.
    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Type(_, output) => Some(output),
            ReturnType::Default => None,
        }
    }
}

/// Finds the keyword of an item that is no function.
fn other_keyword(item: &TokenStream) -> Option<Ident> {
    const ITEMS: [&str; 12] =
        ["struct", "enum", "union", "trait", "impl", "mod", "type", "static", "const", "use", "extern", "macro_rules"];
    let words: Vec<Ident> = item
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word),
            _ => None,
        })
        .collect();
    if words.iter().any(|word| word == "fn") {
        return None;
    }
    words.into_iter().find(|word| ITEMS.contains(&word.to_string().as_str()))
}

/// Returns the last segment of a type that is a path: `Context` of `mayfly::Context`.
pub(crate) fn last_segment(of: &Type) -> Option<&PathSegment> {
    match of {
        Type::Path(path) => path.path.segments.last(),
        // A user's `macro_rules!` passes a `$type:ty` on as a group.
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Reports whether the tokens contain a word, at any depth.
pub(crate) fn has_word(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(&group.stream(), word),
        _ => false,
    })
}
