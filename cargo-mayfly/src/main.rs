//! The `cargo mayfly` command: creates projects, lists and invokes their handlers, and builds deployment packages.

// The standard library's macros panic on a closed pipe; the macros of `console` replace them.
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod console;

mod build;
mod counted;
mod dev;
mod handlers;
mod interrupt;
mod invoke;
mod lambda;
mod list;
mod new;
mod opts;
mod project;
mod template;

use std::env;
use std::process::ExitCode;

use anyhow::{Error, Result};
use clap::Parser;

use crate::opts::{Command, Options};

/// The exit code of a command that could not do its work.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let code = run().unwrap_or_else(failed);
    console::finish().map_or_else(failed, |()| code)
}

fn run() -> Result<ExitCode> {
    let options = match Options::try_parse_from(arguments()) {
        Ok(options) => options,
        // A closed standard error is not a failure of its own.
        Err(error) if error.use_stderr() => {
            let _ = error.print();
            return Ok(ExitCode::from(FAILED));
        }
        Err(help) => {
            console::note(|| help.print());
            return Ok(ExitCode::SUCCESS);
        }
    };
    match &options.command {
        Command::New(new) => new::new(new),
        Command::Init(init) => new::init(init),
        Command::List(list) => list::list(list),
        Command::Invoke(invoke) => invoke::invoke(invoke),
        Command::Build(build) => build::build(build),
        Command::Template(template) => template::template(template),
        Command::Dev(dev) => dev::dev(dev),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `unwrap_or_else`")]
fn failed(error: Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(FAILED)
}

/// Returns the arguments without the word that cargo puts first: `cargo mayfly list` runs `cargo-mayfly mayfly list`.
fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    let mut arguments = env::args_os().peekable();
    let program = arguments.next();
    let _ = arguments.next_if(|first| first == "mayfly");
    program.into_iter().chain(arguments)
}
