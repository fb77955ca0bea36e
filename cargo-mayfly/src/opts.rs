//! What the user can type.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// AWS Lambda functions in Rust: list a binary's handlers, and invoke them here.
#[derive(Debug, Parser)]
#[command(name = "cargo mayfly", bin_name = "cargo mayfly", version, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(List),
    Invoke(Invoke),
}

/// Which binary is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// The package whose binary is meant
    #[arg(long, short, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The binary, where the package has several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Build it with the release profile
    #[arg(long)]
    pub(crate) release: bool,
}

/// Show the handlers that the binaries of this workspace have
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly list --package my-app")]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Run a handler once, as Lambda would
///
/// The reply goes to standard output; the function's logs and a REPORT line go to standard error. The exit code is 0
/// after a reply, 1 after an error of the function, 2 if it could not be run at all.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly invoke my_app::handler::process --data '{\"id\":1}'")]
pub(crate) struct Invoke {
    /// The handler, as in the Handler setting
    #[arg(value_name = "PATH")]
    pub(crate) handler: String,
    #[command(flatten)]
    pub(crate) event: Event,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Stop the function after this long
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// The client context, as JSON
    #[arg(long, value_name = "JSON")]
    pub(crate) client_context: Option<String>,
    /// The tenant, of a function with tenant isolation
    #[arg(long, value_name = "ID")]
    pub(crate) tenant_id: Option<String>,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the event comes from; it is `{}` if nothing is said.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Event {
    /// The event, as JSON
    #[arg(long, short, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// A file with the event
    #[arg(long, value_name = "FILE")]
    pub(crate) data_file: Option<PathBuf>,
    /// `-` reads the event from standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    pub(crate) stdin: Option<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn options_are_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn seconds_are_positive() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "NaN", "inf", "1e300", "soon"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
