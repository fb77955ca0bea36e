//! [`Summary`]: the summary that a build prints.

use crate::build::built::Built;
use crate::build::cargo::Profile;
use crate::build::check;
use crate::build::contents::megabytes;
use crate::build::output::Output;
use crate::handlers::registry::Registry;
use crate::handlers::warnings;
use crate::lambda::limits;
use crate::lambda::runtime::Architecture;
use crate::opts;

/// The summary of one written file.
pub(crate) struct Summary<'a> {
    pub(crate) built: &'a Built,
    pub(crate) output: &'a Output,
    /// The file's size in bytes.
    pub(crate) size: u64,
    pub(crate) options: &'a opts::Build,
    pub(crate) profile: Profile<'a>,
}

impl Summary<'_> {
    /// Prints the summary to standard output and warnings to standard error.
    pub(crate) fn print(&self) {
        let binary = &self.built.program.binary;
        println!("{}: the binary `{}` of {}", self.output.path().display(), binary.name, binary.package);
        println!("  architecture  {}", self.built.elf.architecture);
        println!("  runtime       {}, {}", self.options.runtime, self.glibc());
        println!("  profile       {}", self.profile());
        println!("  size          {}", self.sizes());
        if !self.built.contents.left_out().is_empty() {
            println!("  left out      {}", self.built.contents.left_out().join(", "));
        }
        self.print_handlers();
        self.warn_of_size();
        self.warn_of_libraries();
    }

    fn glibc(&self) -> String {
        match self.built.elf.needs_glibc() {
            Some(needed) => format!("which has glibc {}; the executable needs {needed}", self.options.runtime.glibc()),
            None => "the executable needs no glibc".to_owned(),
        }
    }

    fn profile(&self) -> &str {
        match self.profile {
            Profile::Dev => "dev",
            Profile::Named(name) => name,
            Profile::Own => "release, as you configured it",
            Profile::Lambda => "release with lto, codegen-units = 1, panic = \"abort\", strip = \"debuginfo\"",
        }
    }

    fn sizes(&self) -> String {
        let unpacked =
            format!("{} of {} unpacked", megabytes(self.built.contents.size()), megabytes(limits::MAX_UNPACKED_BYTES));
        match self.output {
            Output::Zip(_) => {
                format!("{} of {}, {unpacked}", megabytes(self.size), megabytes(limits::MAX_DIRECT_ZIP_BYTES))
            }
            Output::Executable(_) => unpacked,
        }
    }

    fn print_handlers(&self) {
        match self.handlers() {
            Ok(handlers) if handlers.is_empty() => {
                println!("  handlers      none; if they are in a library, name it: `mayfly::main!(my_app);`");
            }
            Ok(handlers) => {
                println!("  handlers      values for the function's Handler setting:");
                for setting in &handlers {
                    println!("    {setting}");
                }
                warn_of_handlers(&handlers);
            }
            Err(why) => println!("  handlers      unknown: {why}"),
        }
    }

    /// Returns the values for the Handler setting.
    fn handlers(&self) -> Result<Vec<String>, String> {
        let executable = &self.built.program.executable;
        if !Registry::is_in(executable).map_err(|error| format!("{error:#}"))? {
            return Err(format!("{} does not use mayfly", self.built.program.binary.package));
        }
        let architecture = self.built.elf.architecture;
        if !cfg!(target_os = "linux") || Architecture::of_this_machine() != Some(architecture) {
            return Err(format!("an executable for Linux on {architecture} does not run on this machine"));
        }
        let registry = Registry::of(executable).map_err(|error| format!("{error:#}"))?;
        if let Some(warning) = warnings::of_copies(&registry) {
            eprintln!("warning: {warning}");
        }
        let is_configured = self.profile != Profile::Lambda;
        if let Some(warning) = warnings::of_aborting_batches(&registry, self.profile.name(), is_configured) {
            eprintln!("warning: {warning}");
        }
        let mut settings: Vec<_> =
            registry.handlers.into_iter().map(|handler| handler.name.unwrap_or(handler.path)).collect();
        settings.sort();
        Ok(settings)
    }

    fn warn_of_size(&self) {
        if matches!(self.output, Output::Zip(_)) && self.size > limits::MAX_DIRECT_ZIP_BYTES {
            eprintln!(
                "warning: {} is {}, and Lambda takes at most {} directly: upload it through S3",
                self.output.path().display(),
                megabytes(self.size),
                megabytes(limits::MAX_DIRECT_ZIP_BYTES)
            );
        }
    }

    fn warn_of_libraries(&self) {
        for library in
            check::foreign_libraries(&self.built.elf).filter(|library| !self.built.contents.has_library(library))
        {
            eprintln!(
                "warning: the executable needs {library}, which Lambda may not have: link it statically, or add it \
                 with --include lib/{library}"
            );
        }
    }
}

fn warn_of_handlers(settings: &[String]) {
    for same in settings.windows(2).filter(|pair| pair[0] == pair[1]) {
        eprintln!("warning: `{}` is registered twice: give one a `name`", same[0]);
    }
    for wrong in settings.iter().filter_map(|setting| limits::handler(setting).err()) {
        eprintln!("warning: {wrong}: give it a `name`");
    }
}
