//! The list of an argument `around`.

use proc_macro2::TokenStream;
use syn::Path;

use crate::expand::tokens::{located, ours};
use crate::parse::args::Arounds;

/// Emits the function that returns the list of an argument `around`, if there is one.
pub(crate) fn list(arounds: Option<&Arounds>) -> TokenStream {
    let list = match arounds {
        None => return ours!(__mayfly::core::option::Option::None),
        Some(Arounds::List(paths)) => {
            let named = paths.iter().map(|path: &Path| located(ours!(__mayfly::Named::of), path)).zip(paths);
            let named = named.map(|(of, path)| ours!(#of(#path)));
            ours!(__mayfly::Arounds::__new(const { &__mayfly::List::new(const { &[#(#named),*] }) }))
        }
        Some(Arounds::One(path)) => {
            let list = located(ours!(__mayfly::Listed::of(&given).list(given)), path);
            ours!({ let given = #path; #list })
        }
    };
    ours!(__mayfly::core::option::Option::Some(|| #list))
}
