//! The flags of `cargo mayfly invoke`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::opts::compilation::Compilation;
use crate::opts::numbers::seconds;
use crate::opts::selection::Selection;

/// The flags that have no meaning with `--url`, where nothing is built.
const URL_EXCLUDES: [&str; 14] = [
    "package",
    "workspace",
    "bin",
    "features",
    "all_features",
    "no_default_features",
    "release",
    "profile",
    "target",
    "manifest_path",
    "locked",
    "offline",
    "frozen",
    "timeout",
];

/// Invoke a handler once, as Lambda would
///
/// The reply goes to standard output, a streamed one while it arrives; the function's logs and a REPORT line go to
/// standard error. The exit code is 0 after a reply, 1 after an error of the function, and 2 if the function could not
/// be run.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly invoke my_app::handler::process --data '{\"id\":1}'")]
pub(crate) struct Invoke {
    /// Invoke this handler, named as in the Handler setting; with --url, any function name that the server knows
    #[arg(value_name = "PATH")]
    pub(crate) handler: String,
    #[command(flatten)]
    pub(crate) event: EventFlags,
    #[command(flatten)]
    pub(crate) request: RequestFlags,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Stop the invocation after this many seconds [default: the timeout in Cargo.toml, else 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Send this JSON as the client context
    #[arg(long, value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) client_context: Option<String>,
    /// Send this tenant id, for a function with tenant isolation
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) tenant_id: Option<String>,
    /// Invoke the function on a running server, such as cargo mayfly dev, and build nothing
    #[arg(long, value_name = "URL", conflicts_with_all = URL_EXCLUDES)]
    pub(crate) url: Option<String>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of an HTTP request.
#[derive(Args, Debug)]
pub(crate) struct RequestFlags {
    /// Send this HTTP request, such as 'POST /orders?page=3', with the event's flags as its body, and print the response
    #[arg(long, value_name = "REQUEST")]
    pub(crate) request: Option<String>,
    /// Add this header to the request
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "request", allow_hyphen_values = true)]
    pub(crate) headers: Vec<String>,
    /// Send the request as this source does
    #[arg(long = "as", value_name = "SOURCE", value_enum, requires = "request", default_value = "http-api")]
    pub(crate) source: RequestSource,
}

/// A source of HTTP requests.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RequestSource {
    /// An HTTP API of API Gateway
    HttpApi,
    /// A REST API of API Gateway
    Rest,
    /// A function URL
    Url,
    /// An Application Load Balancer
    Alb,
    /// An Application Load Balancer with multi-value headers
    AlbMulti,
    /// A VPC Lattice service
    Lattice,
    /// A WebSocket API of API Gateway: GET /$connect, or POST / with another route key
    Websocket,
}

/// The flags that select the event; the default is `{}`.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct EventFlags {
    /// Send this JSON as the event [default: {}]
    #[arg(long, short, value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) data: Option<String>,
    /// Read the event from this file
    #[arg(long, value_name = "FILE")]
    pub(crate) data_file: Option<PathBuf>,
    /// Read the event from standard input
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    pub(crate) stdin: Option<String>,
}
