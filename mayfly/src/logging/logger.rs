//! The logger that Mayfly installs, unless the user has installed one.

use std::io::Write;

use env_logger::{Builder, Target, WriteStyle};

use super::{levels, line};
use crate::env::Env;

/// The form of this process's log, and its owner.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Log {
    /// Whether its lines are JSON, which Lambda's own filter reads.
    pub(crate) is_json: bool,
    /// Whether the logger is ours.
    pub(crate) is_ours: bool,
}

/// Sends `log` records to standard error, unless the user has installed a logger.
pub(crate) fn install(env: &Env) -> Log {
    let (name, value) = env.log_level.as_ref().map_or(("", ""), |(name, value)| (*name, &**value));
    let is_json = env.log_format.as_deref().is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let mut builder = Builder::new();
    let complaints = levels::set(&mut builder, name, value);
    let format = if is_json { line::json } else { line::text };
    builder.format(move |out, record| out.write_all(&format(record)?));
    let is_ours = builder.target(Target::Stderr).write_style(WriteStyle::Never).try_init().is_ok();
    if is_ours {
        for complaint in complaints {
            log::warn!("{name}: {complaint}");
        }
    }
    Log { is_json, is_ours }
}
