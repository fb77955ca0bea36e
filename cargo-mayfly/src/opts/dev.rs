//! The flags of `cargo mayfly dev`.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use crate::opts::compilation::Compilation;
use crate::opts::numbers::{positive, seconds};
use crate::opts::selection::Selection;

/// Serve all handlers of a package or workspace at one address, as Lambda does
///
/// It answers what AWS's own clients send to invoke a function: its name there is a handler's path, or a binary's or
/// package's name. Each handler gets a process of its own when it is first invoked, and more for invocations that
/// overlap. After a change of the source everything is built anew; the version before serves until that is done.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  cargo mayfly dev --port 9000\n  \
                        cargo mayfly invoke my_app::handler::process --url http://127.0.0.1:9000 --data '{\"id\":1}'\n  \
                        aws lambda invoke --endpoint-url http://127.0.0.1:9000 \\\n    \
                        --function-name my_app::handler::process --cli-binary-format raw-in-base64-out \\\n    \
                        --payload '{\"id\":1}' reply.json")]
pub(crate) struct Dev {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// The port to listen at; 0 takes a free one
    #[arg(long, value_name = "NUMBER", default_value_t = 9000, allow_negative_numbers = true)]
    pub(crate) port: u16,
    /// The address to listen at: others can run your functions, too, unless it is of this machine alone
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) address: IpAddr,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Stop a function after this long [default: what Cargo.toml says, or 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// How many invocations of one handler may overlap; further ones wait
    #[arg(long, value_name = "NUMBER", default_value = "10", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) concurrency: NonZeroUsize,
}
