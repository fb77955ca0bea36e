//! The attribute macros of `mayfly`; use them through that crate.

mod check;
mod expand;
mod kind;
mod kinds;
mod mistakes;
mod parse;

use proc_macro2::TokenStream;

use crate::kind::{Input, Kind};
use crate::kinds::{
    AFTER_RESTORE, AROUND_FUNCTION, BATCH, BEFORE_SNAPSHOT, DELETE, GET, HANDLER, HEAD, INIT, KINDS, OPTIONS, PATCH,
    POST, PUT, ROUTE, SERVICE, SHUTDOWN,
};
use crate::mistakes::{Mistakes, fallback};
use crate::parse::args::Args;
use crate::parse::signature::Function;

/// Registers a function as a Lambda handler under its full path.
///
/// The path is what Lambda's **Handler** setting names: `my_app::orders::process` is the function `process` in the
/// module `orders` of the crate `my_app`.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: u64,
/// }
///
/// #[derive(Serialize)]
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
/// The attribute leaves the function as it is written, so a unit test can call it directly. It does not even parse the
/// body.
///
/// The function is a `fn` or an `async fn` in a module, not in another function or an `impl` block. The future of an
/// `async fn` need not be `Send`. The function may have lifetime parameters, but is otherwise not generic.
///
/// # Parameters
///
/// 1. The event: any type that implements `serde::Deserialize`, including types that borrow from the payload. `&str`
///    accepts only strings without escape sequences; prefer `Cow<str>` with `#[serde(borrow)]`. A function without
///    parameters ignores the event. To ignore the event and take further parameters, write `_: serde::de::IgnoredAny`.
/// 2. Any number of these, by value and in any order: `mayfly::Context`, `mayfly::State<T>`, and types of your own that
///    implement `mayfly::FromInvocation`.
///
/// # Return type
///
/// The reply: any type that implements `serde::Serialize`, or a `mayfly::Stream`, which is sent while it is made. A
/// function that returns nothing replies `null`.
///
/// A function that can fail returns `Result<T, E>`, directly or under any alias: `Ok` holds the reply, `Err` the error
/// to report. The reply itself must not contain a `Result`.
///
/// # Errors
///
/// The error type `E` is one of these; the first that fits decides how the error is reported:
///
/// 1. `mayfly::Error`;
/// 2. a type that implements `std::error::Error`, also in a `Box` or an `Arc`: reported under the type's full path;
/// 3. `Box<dyn Error>`, `anyhow::Error`, or another type that dereferences to an error;
/// 4. a type that implements `Display`, such as `String`;
/// 5. a type that implements only `Debug`.
///
/// An event that does not deserialize is reported as `Runtime.InvalidEvent`, a panic as `Runtime.HandlerPanic`.
///
/// # Arguments
///
/// - `name = "…"`: selects the handler by this name, in addition to its path. A name has at most 128 characters and no
///   white space.
/// - `default`: runs this handler if neither `_HANDLER` nor `MAYFLY_HANDLER` names one. The `_HANDLER` of a deployment
///   tool that knows only one function per binary, `bootstrap`, names none.
/// - `around = […]`: functions under [`#[mayfly::around]`](macro@around) that run around this handler, the outermost first.
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
///
/// This handler has a name, is the default, borrows from its event, and is called by a test:
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
#[proc_macro_attribute]
pub fn handler(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&HANDLER, args.into(), item.into()).into()
}

/// Registers a function that handles one record of a batch, as a Lambda handler under the function's full path.
///
/// An event of Amazon SQS, Kinesis, `DynamoDB` Streams or Apache Kafka holds many records. Mayfly calls the function for
/// each, and replies with the records that failed, in the form that the source takes. The module `mayfly::batch` tells
/// which records are handled in order and how failures are reported.
///
/// ```
/// use mayfly::State;
/// use mayfly::batch::Sqs;
///
/// #[derive(serde::Deserialize)]
/// struct Order {
///     id: u64,
/// }
///
/// struct Stock;
///
/// #[mayfly::init]
/// fn stock() -> Stock {
///     Stock
/// }
///
/// #[mayfly::batch(concurrency = 20)]
/// async fn reserve(order: Sqs<Order>, stock: State<Stock>) -> Result<(), mayfly::Error> {
///     println!("message {} orders {}", order.message_id(), order.id);
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// **The event source mapping must have `FunctionResponseTypes: [ReportBatchItemFailures]`**, else Lambda takes any
/// reply for a success and deletes the failed records.
///
/// # Parameters
///
/// 1. The record: `Sqs<T>`, `Kinesis<T>`, `DynamoDb<T>` or `Kafka<T>` from `mayfly::batch`.
/// 2. Those of a [handler](macro@handler#parameters) after the event, which are built for each record.
///
/// # Return type
///
/// Nothing, or `Result<(), E>` with any error type that a [handler](macro@handler#errors) may return.
///
/// # Arguments
///
/// - `concurrency = N`: an `async fn` handles up to `N` records at once; without it, one. The records of a FIFO group
///   and of a Kafka partition are still handled one after the other, and so are all of a shard: `Kinesis<T>` and
///   `DynamoDb<T>` do not take this argument.
/// - `report_all`: a batch whose records have all failed is reported record by record. Without it, the invocation fails
///   as `Function.BatchFailed`. `Kinesis<T>` and `DynamoDb<T>`, which never fail so, do not take this argument.
/// - `name`, `default`, `around` and `crate` are those of a [handler](macro@handler#arguments).
#[proc_macro_attribute]
pub fn batch(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&BATCH, args.into(), item.into()).into()
}

/// Registers a function that builds the process-wide `T`, which handlers take as `mayfly::State<T>`.
///
/// The function runs once, before the first event, and only if the selected handler needs its state: through one of its
/// own parameters or through another init.
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
/// The function is a `fn` or an `async fn` in a module, and not generic.
///
/// # Parameters
///
/// None, or states that other inits build: `mayfly::State<U>`, by value and in any order.
///
/// # Return type
///
/// `T` or `Result<T, E>`, where `T` is `Send + Sync + 'static` and `E` is any error type that a
/// [handler](macro@handler#errors) may return.
///
/// # Errors
///
/// An error or a panic ends the process with an initialization error that names the function.
///
/// # Arguments
///
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn init(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&INIT, args.into(), item.into()).into()
}

/// Registers a function that runs around every invocation, for example to measure, to trace or to answer in place of the
/// handler.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use mayfly::{Error, Invocation, Next, State, around};
///
/// struct Metrics;
///
/// impl Metrics {
///     async fn send(&self, took: Duration, has_failed: bool) {}
/// }
///
/// #[mayfly::init]
/// fn metrics() -> Metrics {
///     Metrics
/// }
///
/// #[mayfly::around]
/// async fn timed(
///     invocation: &Invocation<'_>,
///     next: Next<'_>,
///     metrics: State<Metrics>,
/// ) -> Result<around::Reply, Error> {
///     let start = Instant::now();
///     let outcome = next.run().await;
///     // Before the reply is sent: the process may freeze after it.
///     metrics.send(start.elapsed(), outcome.is_err()).await;
///     outcome
/// }
///
/// #[mayfly::around]
/// fn audit(invocation: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
///     if invocation.payload().len() > 10_000 {
///         return Err(Error::new("TooLarge", "an order has at most 10 KB"));
///     }
///     next.run_blocking()
/// }
///
/// #[mayfly::handler(around = audit)]
/// fn order(text: String) -> usize {
///     text.len()
/// }
///
/// // In src/main.rs, `mayfly::main!(my_app, around = timed);` puts `timed` around all handlers.
/// # fn main() {}
/// ```
///
/// The function is a `fn` or an `async fn` in a module, and not generic. It runs only where a list names it:
///
/// - `mayfly::main!(my_app, around = [trace, timed]);` for all handlers and services, the outermost first;
/// - `#[mayfly::handler(around = audit)]` for one handler or service, inside of those that `main!` names. A
///   [route](macro@get) that is selected alone runs inside of those of its service.
/// - `mayfly::run_around` in a `main` of your own, and `testing::invoke(…).around(…)` in a test.
///
/// Sync and async functions and handlers mix in any order. A sync one never runs inside of the tokio runtime, so that it
/// may block, and even start a runtime of its own.
///
/// # Parameters
///
/// 1. `&mayfly::Invocation<'_>`: the event's bytes and the headers.
/// 2. `mayfly::Next<'_>`: the rest of the invocation, which `next.run().await` runs in an `async fn`, and
///    `next.run_blocking()` in a plain `fn`. Without a call of it, the handler is not called.
/// 3. Any number up to ten of these, by value and in any order: `mayfly::Context`, `mayfly::State<T>`, and types of your
///    own that implement `mayfly::FromInvocation`. Their states are built before the first event, if the function is
///    around the selected handler.
///
/// # Return type
///
/// `Result<mayfly::around::Reply, E>`: what `next.run()` returns, or another reply or error. `E` is any error type that a
/// [handler](macro@handler#errors) may return.
///
/// The reply is the encoded one. The reply of a handler that returns a `mayfly::Stream`, and of a service with the
/// argument `stream`, has no bytes yet: such a function ends before the stream is sent.
///
/// # Errors
///
/// `next.run()` returns the error as it will be reported, with its name, message and trace: a bad event, the handler's
/// error, an error of an inner around function, or a panic of one of them (under `panic = "unwind"`; under
/// `panic = "abort"` the process ends). An error of the function's own is reported with the function's place, a panic in
/// it as `Runtime.HandlerPanic`.
///
/// # Arguments
///
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn around(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&AROUND_FUNCTION, args.into(), item.into()).into()
}

/// Registers a function that runs when Lambda ends the process, for example to flush what it has buffered.
///
/// ```
/// use std::sync::Mutex;
///
/// use mayfly::State;
///
/// struct Metrics {
///     lines: Mutex<Vec<String>>,
/// }
///
/// #[mayfly::init]
/// fn metrics() -> Metrics {
///     Metrics { lines: Mutex::default() }
/// }
///
/// #[mayfly::handler]
/// fn count(item: String, metrics: State<Metrics>) {
///     metrics.lines.lock().unwrap().push(item);
/// }
///
/// #[mayfly::shutdown]
/// fn flush(metrics: State<Metrics>) -> Result<(), std::io::Error> {
///     std::fs::write("/tmp/metrics", metrics.lines.lock().unwrap().join("\n"))
/// }
/// # fn main() {}
/// ```
///
/// The function is a `fn` or an `async fn` in a module, and not generic. It runs at SIGTERM, on a thread of its own,
/// and an async one on a tokio runtime of its own: also while a handler computes. All together have about 500 ms; then
/// Lambda kills the process. Several run one after the other, in the order of their paths. Needs the feature
/// `shutdown`.
///
/// Lambda sends SIGTERM only to a function with an extension. So Mayfly registers an internal extension, which does
/// nothing, if the binary has a shutdown function that the selected handler needs, except on Managed Instances, which
/// refuse such extensions. Lambda does not end every process in this way: a crash or a time-out may skip it.
///
/// # Parameters
///
/// None, or states that inits build: `mayfly::State<T>`, by value and in any order. A shutdown function does not cause a
/// state to be built: it runs only if the selected handler needs all of its states.
///
/// # Return type
///
/// Nothing, or `Result<(), E>` with any error type that a [handler](macro@handler#errors) may return.
///
/// # Errors
///
/// An error or a panic is logged; the next function runs.
///
/// # Arguments
///
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn shutdown(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&SHUTDOWN, args.into(), item.into()).into()
}

/// Registers a function that runs before Lambda takes the snapshot of `SnapStart`, for example to close connections or
/// to warm a cache.
///
/// ```
/// use std::net::TcpStream;
/// use std::sync::Mutex;
///
/// use mayfly::State;
///
/// struct Db {
///     connection: Mutex<Option<TcpStream>>,
/// }
///
/// #[mayfly::init]
/// fn connect() -> Result<Db, std::io::Error> {
///     Ok(Db { connection: Mutex::new(Some(TcpStream::connect("db.internal:5432")?)) })
/// }
///
/// #[mayfly::before_snapshot]
/// fn disconnect(db: State<Db>) {
///     *db.connection.lock().unwrap() = None;
/// }
///
/// #[mayfly::after_restore]
/// fn reconnect(db: State<Db>) -> Result<(), std::io::Error> {
///     *db.connection.lock().unwrap() = Some(TcpStream::connect("db.internal:5432")?);
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// The function is a `fn` or an `async fn` in a module, and not generic. It runs after the inits, only where
/// `AWS_LAMBDA_INITIALIZATION_TYPE` is `snap-start`, and an async one on the handler's tokio runtime. Several run one
/// after the other, in the reverse of the order of [after-restore functions](macro@after_restore).
///
/// # Parameters
///
/// None, or states that inits build: `mayfly::State<T>`, by value and in any order. The function does not cause a state
/// to be built: it runs only if the selected handler needs all of its states.
///
/// # Return type
///
/// Nothing, or `Result<(), E>` with any error type that a [handler](macro@handler#errors) may return.
///
/// # Errors
///
/// An error or a panic ends the process with an initialization error that names the function, and Lambda does not
/// publish the version.
///
/// # Arguments
///
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn before_snapshot(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&BEFORE_SNAPSHOT, args.into(), item.into()).into()
}

/// Registers a function that runs after Lambda has restored the process from the snapshot of `SnapStart`, before the
/// first event, for example to open connections or to seed a random number generator.
///
/// [`macro@before_snapshot`] has an example and the rules, which are the same but for two:
///
/// - Several functions run one after the other, in the order in which the states that they take were built, those
///   without states first, and otherwise in the order of their paths. So the state of an init is restored before the
///   states that were built from it.
/// - An error or a panic is posted to Lambda as an error of the restore, which fails the invocation that waits for it,
///   and ends the process.
#[proc_macro_attribute]
pub fn after_restore(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&AFTER_RESTORE, args.into(), item.into()).into()
}

/// Registers a function that returns an HTTP service, as a Lambda handler under the function's full path.
///
/// The function runs once, before the first event. Its service then answers the requests of a function URL, an HTTP API,
/// a REST API or a WebSocket API of API Gateway, an Application Load Balancer or a VPC Lattice service: the event shows
/// which. Needs the feature `http`.
///
/// ```
/// use axum::Router;
/// use axum::extract::Path;
/// use axum::routing::get;
/// use mayfly::State;
///
/// struct Shop {
///     name: String,
/// }
///
/// #[mayfly::init]
/// fn shop() -> Shop {
///     Shop { name: "corner shop".to_owned() }
/// }
///
/// #[mayfly::service]
/// fn api(shop: State<Shop>) -> Router {
///     let order = async move |Path(id): Path<u64>| format!("order {id} at the {}", shop.name);
///     Router::new().route("/orders/{id}", get(order))
/// }
/// # fn main() {}
/// ```
///
/// # Parameters
///
/// None, or states that inits build, `mayfly::State<T>`, by value and in any order; also `mayfly::Routes`, the
/// [routes](macro@get) of the binary.
///
/// # Return type
///
/// A service, or a `Result` of one with any error type that a [handler](macro@handler#errors) may return. A service is a
/// `tower::Service<http::Request<mayfly::http::Body>>` that is `Send + 'static`, such as an axum `Router`. One that is
/// `Clone` is cloned once for each poller, another is locked while it takes a request. Its future need not be `Send`.
///
/// # Errors
///
/// An error or a panic of the function ends the process with an initialization error. An error or a panic of the service
/// fails the invocation. A request that HTTP does not allow is answered with a status from 400 to 431 without a call of
/// the service, and an event that is no HTTP request is reported as `Runtime.InvalidEvent`.
///
/// # Arguments
///
/// Those of a [handler](macro@handler#arguments), and:
///
/// - `stream`: every response of the service is sent while it is made, with its head first, for server-sent events and
///   large downloads. Only function URLs with `InvokeMode: RESPONSE_STREAM` and REST APIs with
///   `responseTransferMode: STREAM` take such responses, and they take no others; the event does not tell. The trailers
///   of a body are not sent. A body that fails after its head has left is reported in the trailers of the stream.
#[proc_macro_attribute]
pub fn service(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&SERVICE, args.into(), item.into()).into()
}

/// Registers a function that answers `GET` requests, as a Lambda handler under the function's full path.
///
/// The argument is the pattern of the paths, as axum 0.8 writes it: `{id}` stands for one segment, `{*rest}` for the rest
/// of the path. `GET` includes `HEAD`, as in axum. The other methods have attributes of their own: [`macro@post`],
/// [`macro@put`], [`macro@patch`], [`macro@delete`], [`macro@head`], [`macro@options`]; [`macro@route`] takes several.
/// Needs the feature `axum`.
///
/// ```
/// use std::fs;
/// use std::path::PathBuf;
///
/// use axum::Json;
/// use axum::extract::Path;
/// use axum::http::StatusCode;
/// use mayfly::{Error, Routes, State};
///
/// struct Folder(PathBuf);
///
/// #[mayfly::init]
/// fn folder() -> Folder {
///     Folder("/tmp/notes".into())
/// }
///
/// #[mayfly::get("/notes/{id}")]
/// async fn note(Path(id): Path<u64>, folder: State<Folder>) -> Result<String, StatusCode> {
///     fs::read_to_string(folder.0.0.join(id.to_string())).map_err(|_| StatusCode::NOT_FOUND)
/// }
///
/// #[mayfly::post("/notes/{id}")]
/// async fn write(Path(id): Path<u64>, folder: State<Folder>, Json(text): Json<String>) -> Result<StatusCode, Error> {
///     fs::write(folder.0.0.join(id.to_string()), text)?;
///     Ok(StatusCode::CREATED)
/// }
///
/// #[mayfly::service]
/// fn api(routes: Routes) -> axum::Router {
///     routes.into_router()
/// }
/// # fn main() {}
/// ```
///
/// The function stays as it is written, so a unit test can call it directly.
///
/// # Selection
///
/// Lambda's **Handler** setting decides which routes a process serves:
///
/// - `my_app::api`, a [service](macro@service) that takes `mayfly::Routes`, serves all routes of the binary;
/// - `my_app::order` serves that route alone, through the same service function with the same layers, and with only the
///   states that these two take;
/// - `mayfly::routes` serves all routes without layers, where no service takes them.
///
/// # Parameters
///
/// Any number of axum's extractors, `mayfly::State<T>` and `mayfly::Context`. One that reads the body, such as
/// `Json<T>`, comes last.
///
/// # Return type
///
/// A type that implements `axum::response::IntoResponse`, or a `Result` of one.
///
/// # Errors
///
/// An error that implements `IntoResponse` is a response. As in axum this includes texts: `Err("…")` is answered with 200.
/// Any other error that a [handler](macro@handler#errors) may return, `mayfly::Error` above all, fails the invocation:
/// its report goes to Lambda, and the gateway answers 500 or 502.
///
/// Two routes with the same method and pattern, or with patterns that match the same paths, end the process with an
/// initialization error that names both.
///
/// # Arguments
///
/// - the pattern: a string that begins with `/`.
/// - `name = "…"`: selects the route by this name, in addition to its path.
/// - `crate = path`: the path of the crate `mayfly`, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn get(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&GET, args.into(), item.into()).into()
}

/// Registers a function that answers `POST` requests; [`macro@get`] has the rules.
#[proc_macro_attribute]
pub fn post(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&POST, args.into(), item.into()).into()
}

/// Registers a function that answers `PUT` requests; [`macro@get`] has the rules.
#[proc_macro_attribute]
pub fn put(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&PUT, args.into(), item.into()).into()
}

/// Registers a function that answers `PATCH` requests; [`macro@get`] has the rules.
#[proc_macro_attribute]
pub fn patch(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&PATCH, args.into(), item.into()).into()
}

/// Registers a function that answers `DELETE` requests; [`macro@get`] has the rules.
#[proc_macro_attribute]
pub fn delete(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&DELETE, args.into(), item.into()).into()
}

/// Registers a function that answers `HEAD` requests; [`macro@get`] has the rules.
///
/// A route under [`macro@get`] answers them, too, without the body.
#[proc_macro_attribute]
pub fn head(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&HEAD, args.into(), item.into()).into()
}

/// Registers a function that answers `OPTIONS` requests; [`macro@get`] has the rules.
#[proc_macro_attribute]
pub fn options(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&OPTIONS, args.into(), item.into()).into()
}

/// Registers a function that answers requests of several methods; [`macro@get`] has the rules.
///
/// ```
/// use axum::http::Method;
///
/// #[mayfly::route("/orders/{id}", methods = [PUT, PATCH])]
/// async fn change(method: Method, body: String) -> String {
///     if method == Method::PUT { format!("replaced by {body}") } else { format!("changed by {body}") }
/// }
/// # fn main() {}
/// ```
///
/// # Arguments
///
/// - `methods = […]`: one or more of `CONNECT`, `DELETE`, `GET`, `HEAD`, `OPTIONS`, `PATCH`, `POST`, `PUT`, `TRACE`.
/// - the others are those of [`macro@get`](macro@get#arguments).
#[proc_macro_attribute]
pub fn route(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    attribute(&ROUTE, args.into(), item.into()).into()
}

/// Expands an attribute, or emits the mistakes under it.
fn attribute(kind: &Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(kind, args, &item).unwrap_or_else(|mistakes| fallback(item, &mistakes))
}

/// Parses the attribute and its function, checks them, and emits the expansion.
fn try_expand(kind: &Kind, args: TokenStream, item: &TokenStream) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let args = Args::parse(args, &kind.arguments, &mut mistakes);
    let function = Function::parse(item, &kind.attribute())?;
    let input = Input { kind, args, item, function };
    check::attributes(&input, &KINDS, &mut mistakes);
    (kind.check)(&input, &mut mistakes);
    mistakes.finish()?;
    Ok((kind.expand)(&input))
}
