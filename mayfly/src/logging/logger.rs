//! The logger that Mayfly installs, unless the user has installed one.

use std::io::Write;

use env_logger::{Builder, Target, WriteStyle};

use super::{levels, line};
use crate::env::Env;

/// The format of this process's log, and whether Mayfly installed the logger.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Log {
    /// Whether the lines are JSON, which Lambda's own filter reads.
    pub(crate) is_json: bool,
    /// Whether the logger is Mayfly's.
    pub(crate) is_ours: bool,
}

/// Installs a logger that writes `log` records to standard error, unless the user has installed one.
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
