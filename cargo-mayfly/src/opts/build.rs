//! The flags of `cargo mayfly build`.

use std::path::PathBuf;

use clap::Args;

use crate::lambda::runtime::Runtime;
use crate::opts::architecture::ArchitectureFlags;
use crate::opts::compilation::CargoFlags;
use crate::opts::selection::Selection;

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
