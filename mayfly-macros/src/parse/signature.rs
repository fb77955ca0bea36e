//! The item under the attribute, as far as Mayfly looks at it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, FnArg, PathSegment, Result, ReturnType, Type, Visibility};

use crate::parse::args::Kind;

/// A function: everything before its body.
///
/// The body is never parsed, so that a half-typed one still expands and an editor can complete in it.
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
    /// Reads the item.
    ///
    /// # Errors
    /// A sentence of ours, at the item's keyword, if it is of another kind.
    pub(crate) fn parse(item: &TokenStream, kind: Kind) -> Result<Self> {
        syn::parse2(item.clone()).map_err(|error| match other_keyword(item) {
            Some(keyword) => Error::new(keyword.span(), kind.not_a_function()),
            None => error,
        })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// The types of the parameters, `self` left out.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Type> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(&*parameter.ty),
            FnArg::Receiver(_) => None,
        })
    }

    /// The return type, where one is written.
    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Type(_, output) => Some(output),
            ReturnType::Default => None,
        }
    }
}

/// The keyword of an item that is no function.
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

/// The last segment of a type that is a path: `Context` of `mayfly::Context`.
pub(crate) fn last_segment(of: &Type) -> Option<&PathSegment> {
    match of {
        Type::Path(path) => path.path.segments.last(),
        // What a `macro_rules!` of the user's passed on as `$type:ty`.
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether a word stands anywhere in some tokens.
pub(crate) fn has_word(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(&group.stream(), word),
        _ => false,
    })
}
