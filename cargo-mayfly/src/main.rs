//! `cargo mayfly`: make a project, list its handlers, invoke them on the desk, and build what is uploaded.

mod build;
mod choose;
mod compile;
mod console;
mod dev;
mod interrupt;
mod invoke;
mod list;
mod nearest;
mod new;
mod opts;
mod project;
mod registry;
mod select;
mod settings;
mod template;
mod warnings;

use std::env;
use std::process::ExitCode;

use clap::Parser;

use crate::opts::{Command, Options};

/// What is neither a success nor a function's own error.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let options = match Options::try_parse_from(arguments()) {
        Ok(options) => options,
        Err(error) => {
            // Help goes to standard output and is no failure. A reader that went away is none either.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS };
        }
    };
    let outcome = match &options.command {
        Command::New(new) => new::new(new),
        Command::Init(init) => new::init(init),
        Command::List(list) => list::list(list),
        Command::Invoke(invoke) => invoke::invoke(invoke),
        Command::Build(build) => build::build(build),
        Command::Template(template) => template::template(template),
        Command::Dev(dev) => dev::dev(dev),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}

/// The arguments without the word that cargo puts first: `cargo mayfly list` runs `cargo-mayfly mayfly list`.
fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    let mut arguments = env::args_os().peekable();
    let program = arguments.next();
    let _ = arguments.next_if(|first| first == "mayfly");
    program.into_iter().chain(arguments)
}
