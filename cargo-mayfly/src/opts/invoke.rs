//! The flags of `cargo mayfly invoke`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::opts::compilation::Compilation;
use crate::opts::numbers::seconds;
use crate::opts::selection::Selection;

/// What has no meaning for a server that runs already.
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

/// Run a handler once, as Lambda would
///
/// The reply goes to standard output; the function's logs and a REPORT line go to standard error. The exit code is 0
/// after a reply, 1 after an error of the function, 2 if it could not be run at all.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly invoke my_app::handler::process --data '{\"id\":1}'")]
pub(crate) struct Invoke {
    /// The handler, as in the Handler setting; with --url any name that the server knows
    #[arg(value_name = "PATH")]
    pub(crate) handler: String,
    #[command(flatten)]
    pub(crate) event: EventFlags,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Stop the function after this long [default: what Cargo.toml says, or 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// The client context, as JSON
    #[arg(long, value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) client_context: Option<String>,
    /// The tenant, of a function with tenant isolation
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) tenant_id: Option<String>,
    /// Call a server that runs already, such as `cargo mayfly dev`, and build nothing
    #[arg(long, value_name = "URL", conflicts_with_all = URL_EXCLUDES)]
    pub(crate) url: Option<String>,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the event comes from; it is `{}` if nothing is said.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct EventFlags {
    /// The event, as JSON
    #[arg(long, short, value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) data: Option<String>,
    /// A file with the event
    #[arg(long, value_name = "FILE")]
    pub(crate) data_file: Option<PathBuf>,
    /// `-` reads the event from standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    pub(crate) stdin: Option<String>,
}
