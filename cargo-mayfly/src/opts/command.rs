//! What the user can type.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::lambda::runtime::{Architecture, Runtime};
use crate::opts::cargo::{CargoFlags, Compilation, Selection};
use crate::opts::new::{Init, New};
use crate::opts::template::Template;

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

/// AWS Lambda functions in Rust: make a project, run its functions here, and build what is uploaded.
#[derive(Debug, Parser)]
#[command(name = "cargo mayfly", bin_name = "cargo mayfly", version, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    Init(Init),
    List(List),
    Invoke(Invoke),
    Build(Build),
    Template(Template),
    Dev(Dev),
}

/// Show the handlers that the binaries of a package or workspace have
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly list --package my-app")]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
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
    /// The handler, as in the Handler setting; with --url any name that the server knows
    #[arg(value_name = "PATH")]
    pub(crate) handler: String,
    #[command(flatten)]
    pub(crate) event: Event,
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
pub(crate) struct Event {
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

/// Build what is uploaded to Lambda, and check that it would start there
///
/// Without a release profile of your own the binary is built with lto, codegen-units = 1, panic = "abort" and
/// strip = "debuginfo". A zip is the same byte for byte wherever and whenever it is made.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "Example:\n  cargo mayfly build --zip --outdir dist")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write a `lambda.zip`, or a NAME.zip of each of several binaries, in place of a `bootstrap`
    #[arg(long, short)]
    pub(crate) zip: bool,
    /// The folder to write to
    #[arg(long, short, value_name = "FOLDER", default_value = ".")]
    pub(crate) outdir: PathBuf,
    /// Build in a container: of your `lambda.Dockerfile`, else of the runtime's own system
    #[arg(long, short)]
    pub(crate) docker: bool,
    #[command(flatten)]
    pub(crate) cargo: CargoFlags,
    /// Build with the dev profile
    #[arg(long, conflicts_with = "profile")]
    pub(crate) debug: bool,
    #[command(flatten)]
    pub(crate) architecture: ArchitectureFlags,
    /// The runtime that it is for
    #[arg(long, value_name = "RUNTIME", value_parser = Runtime::named, default_value_t)]
    pub(crate) runtime: Runtime,
    /// Put a file or folder into the zip, under the path that it has here; of a folder all but repositories, caches,
    /// secrets such as `.env`, and what a build wrote, which are included by their own names
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "zip")]
    pub(crate) include: Vec<PathBuf>,
    /// Link statically: no glibc is needed, and it starts faster; host names cannot be resolved through glibc then
    #[arg(long = "static")]
    pub(crate) is_static: bool,
    /// Overwrite what is in the way
    #[arg(long)]
    pub(crate) force: bool,
}

/// What the functions run on; the default is this machine's architecture.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ArchitectureFlags {
    /// For Graviton
    #[arg(long, conflicts_with = "x86_64")]
    pub(crate) arm64: bool,
    /// For Intel and AMD
    #[arg(long = "x86-64")]
    pub(crate) x86_64: bool,
}

impl ArchitectureFlags {
    /// The architecture, if one was asked for.
    pub(crate) fn wanted(self) -> Option<Architecture> {
        match (self.arm64, self.x86_64) {
            (true, _) => Some(Architecture::Arm64),
            (_, true) => Some(Architecture::X86_64),
            _ => None,
        }
    }
}

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

fn seconds(text: &str) -> Result<Duration, String> {
    const YEAR: f64 = 365.0 * 24.0 * 3600.0;
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && *seconds <= YEAR);
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a number of seconds above 0, at most a year".to_owned())
}

fn positive(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number above 0".to_owned())
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
        for text in ["0", "-1", "NaN", "inf", "1e19", "1e300", "soon"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
