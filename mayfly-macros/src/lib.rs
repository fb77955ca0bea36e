//! The attribute macros of `mayfly`; use them through that crate.

mod check {
    pub(crate) mod common;
    pub(crate) mod output;
}
mod expand {
    pub(crate) mod deprecated;
    pub(crate) mod emitter;
    pub(crate) mod handler;
    pub(crate) mod text;
}
mod fallback;
mod mistakes;
mod parse {
    pub(crate) mod args;
    pub(crate) mod place;
    pub(crate) mod signature;
}

use proc_macro2::TokenStream;

use crate::mistakes::Mistakes;
use crate::parse::args::{Args, Kind};
use crate::parse::signature::Function;

/// Registers a function as a Lambda handler, under its full path.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Order {
///     id: u64,
/// }
///
/// #[derive(serde::Serialize)]
/// struct Receipt {
///     id: u64,
/// }
///
/// #[mayfly::handler]
/// async fn process(order: Order) -> Result<Receipt, mayfly::Error> {
///     Ok(Receipt { id: order.id })
/// }
/// # fn main() {}
/// ```
///
/// The function stays as it is written, and callable: a unit test calls it directly. Its body is not even parsed.
///
/// # What it takes
/// - `fn` or `async fn`; the future need not be `Send`.
/// - First the event: any type that implements `serde::Deserialize`, also one that borrows from the payload. `&str`
///   takes only strings without escapes, so prefer `Cow<str>` with `#[serde(borrow)]`. A function without parameters
///   ignores the event; one that needs only a context writes `_: serde::de::IgnoredAny` first.
/// - Then, in any order and by value: `mayfly::Context`, `mayfly::State<T>`, and your own types that implement
///   `mayfly::FromInvocation`.
///
/// # What it returns
/// - Any type that implements `serde::Serialize`, or nothing, which goes out as `null`.
/// - `Result<T, E>` of such a type, under any alias; `T` has no further `Result` in it. `E` is the first of these that
///   fits: `mayfly::Error`; a `std::error::Error`, reported under the full path of its type, as it is in a `Box` or
///   `Arc`; a `Box<dyn Error>`, `anyhow::Error` or another type that dereferences to an error; a type that can be
///   displayed, such as `String`; a type that can only be debugged.
///
/// # Arguments
/// - `name = "…"`: a name to select it by, beside its path; at most 128 characters, without white space.
/// - `default`: it runs where `_HANDLER` is not set.
/// - `crate = path`: where the crate `mayfly` is, if it is renamed or re-exported.
///
/// ```
/// use std::borrow::Cow;
///
/// #[derive(serde::Deserialize)]
/// struct Note<'a> {
///     #[serde(borrow)]
///     text: Cow<'a, str>,
/// }
///
/// #[mayfly::handler(name = "notes", default)]
/// fn shout(note: Note<'_>, context: mayfly::Context) -> String {
///     format!("{} ({})", note.text.to_uppercase(), context.request_id)
/// }
///
/// fn main() {
///     assert_eq!(shout(Note { text: "hi".into() }, mayfly::Context::default()), "HI ()");
/// }
/// ```
///
/// A handler stands in a module, not in a function or an `impl` block, and it is not generic.
#[proc_macro_attribute]
pub fn handler(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = item.into();
    try_handler(args.into(), &item).unwrap_or_else(|mistakes| fallback::with_mistakes(item, &mistakes)).into()
}

fn try_handler(args: TokenStream, item: &TokenStream) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let args = Args::parse(args, Kind::Handler, &mut mistakes);
    let function = Function::parse(item, Kind::Handler)?;
    check::common::handler(&args, &function, &mut mistakes);
    mistakes.finish()?;
    Ok(expand::emitter::handler(item, &args, &function))
}

/// Registers a function as the maker of the one `T` of the process, which handlers take as `State<T>`.
///
/// ```
/// use mayfly::State;
///
/// struct Rates {
///     all: Vec<u32>,
/// }
///
/// #[mayfly::init]
/// async fn rates() -> Result<Rates, mayfly::Error> {
///     Ok(Rates { all: "1 2 3".split(' ').map(str::parse).collect::<Result<_, _>>()? })
/// }
///
/// struct Highest {
///     rate: u32,
/// }
///
/// #[mayfly::init]
/// fn highest(rates: State<Rates>) -> Highest {
///     Highest { rate: rates.all.iter().copied().max().unwrap_or_default() }
/// }
///
/// #[mayfly::handler]
/// fn is_high(rate: u32, highest: State<Highest>) -> bool {
///     rate >= highest.rate
/// }
/// # fn main() {}
/// ```
///
/// It runs before the first event, and only if the selected handler needs its state: by a parameter of its own, or
/// through another init. It is a `fn` or `async fn` that returns `T` or `Result<T, E>`, with the same `E` as a handler's;
/// `T` is `Send + Sync + 'static`. It takes other states, or nothing. An error or a panic ends the process with an
/// initialization error that names it.
///
/// # Arguments
/// - `crate = path`: where the crate `mayfly` is, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn init(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = item.into();
    try_init(args.into(), &item).unwrap_or_else(|mistakes| fallback::with_mistakes(item, &mistakes)).into()
}

fn try_init(args: TokenStream, item: &TokenStream) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let args = Args::parse(args, Kind::Init, &mut mistakes);
    let function = Function::parse(item, Kind::Init)?;
    check::common::init(&args, &function, &mut mistakes);
    mistakes.finish()?;
    Ok(expand::emitter::init(item, &args, &function))
}
