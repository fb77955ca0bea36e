//! Emitted tokens: the names they see, and the place of an error about them.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Quotes tokens with the span `mixed_site`: they are the macro's own.
macro_rules! ours {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}
pub(crate) use ours;

/// Locates emitted tokens at `place`, so that an error about them underlines all of it: the compiler spans an
/// expression from its first token to its last.
pub(crate) fn located(tokens: TokenStream, place: &impl ToTokens) -> TokenStream {
    let mut spans = place.to_token_stream().into_iter().map(|token| token.span());
    let Some(first) = spans.next() else { return tokens };
    let last = spans.last().unwrap_or(first);
    tokens
        .into_iter()
        .enumerate()
        .map(|(position, mut token)| {
            token.set_span(token.span().located_at(if position == 0 { first } else { last }));
            token
        })
        .collect()
}
