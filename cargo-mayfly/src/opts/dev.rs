//! The flags of `cargo mayfly dev`.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use crate::opts::compilation::Compilation;
use crate::opts::numbers::{positive, seconds};
use crate::opts::selection::Selection;

/// Run Lambda locally: serve all handlers of a package or workspace, and rebuild after changes
///
/// AWS clients can invoke the functions at one address; a function's name is a handler's path, or the name of a binary
/// or package. Each handler gets one process on first use and more for overlapping invocations, up to --concurrency;
/// further invocations wait. After a change of the sources everything is rebuilt, and the previous build serves until
/// the new one is ready.
///
/// Services are also served to browsers, at an address of their own: the only one at `/`, several below their names.
/// Nothing listens there for a package without HTTP functions.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  cargo mayfly dev --port 9000\n  \
                        cargo mayfly invoke my_app::handler::process --url http://127.0.0.1:9000 --data '{\"id\":1}'\n  \
                        aws lambda invoke --endpoint-url http://127.0.0.1:9000 \\\n    \
                        --function-name my_app::handler::process --cli-binary-format raw-in-base64-out \\\n    \
                        --payload '{\"id\":1}' reply.json")]
pub(crate) struct Dev {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Listen on this port; 0 picks a free one
    #[arg(long, value_name = "NUMBER", default_value_t = 9000, allow_negative_numbers = true)]
    pub(crate) port: u16,
    /// Listen on this address; with any but a loopback address, other machines can invoke your functions
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) address: IpAddr,
    /// Serve HTTP functions to browsers on this port; 0 picks a free one
    #[arg(long, value_name = "NUMBER", default_value_t = 9100, allow_negative_numbers = true)]
    pub(crate) http_port: u16,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Stop an invocation after this many seconds [default: the timeout in Cargo.toml, else 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Run at most this many invocations of a handler at once
    #[arg(long, value_name = "NUMBER", default_value = "10", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) concurrency: NonZeroUsize,
}
