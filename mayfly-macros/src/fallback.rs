//! What is emitted after a mistake.

use proc_macro2::TokenStream;

/// Keeps the user's item beside the mistakes: without it every use of the function would be a further error, "cannot
/// find function", and hide the first.
pub(crate) fn with_mistakes(item: TokenStream, mistakes: &syn::Error) -> TokenStream {
    let mut tokens = item;
    tokens.extend(mistakes.to_compile_error());
    tokens
}
