//! The flags of `cargo mayfly build`.

use std::path::PathBuf;

use clap::Args;

use crate::lambda::runtime::Runtime;
use crate::opts::architecture::ArchitectureFlags;
use crate::opts::compilation::CargoFlags;
use crate::opts::selection::Selection;

/// Build a deployment package and check that it would start on Lambda
///
/// Unless you configure a release profile, the binary is built with lto, codegen-units = 1, panic = "abort" and
/// strip = "debuginfo". Zips are reproducible: the same files give the same bytes on every machine.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "Example:\n  cargo mayfly build --zip --outdir dist")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write lambda.zip instead of bootstrap; with several binaries, write one NAME.zip for each
    #[arg(long, short)]
    pub(crate) zip: bool,
    /// Write to this folder
    #[arg(long, short, value_name = "FOLDER", default_value = ".")]
    pub(crate) outdir: PathBuf,
    /// Build in a container: from your lambda.Dockerfile if there is one, else on the runtime's operating system
    #[arg(long, short)]
    pub(crate) docker: bool,
    #[command(flatten)]
    pub(crate) cargo: CargoFlags,
    /// Build with the dev profile
    #[arg(long, conflicts_with = "profile")]
    pub(crate) debug: bool,
    #[command(flatten)]
    pub(crate) architecture: ArchitectureFlags,
    /// Build for this runtime
    #[arg(long, value_name = "RUNTIME", value_parser = Runtime::named, default_value_t)]
    pub(crate) runtime: Runtime,
    /// With --zip, add files or folders to the zip, under their present paths. From folders, it leaves out
    /// repositories, caches, secrets such as .env and build outputs, unless you name them
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "zip")]
    pub(crate) include: Vec<PathBuf>,
    /// Link statically: the executable needs no glibc and starts faster, but cannot resolve host names through glibc
    #[arg(long = "static")]
    pub(crate) is_static: bool,
    /// Overwrite a file even if no earlier build wrote it
    #[arg(long)]
    pub(crate) force: bool,
}
