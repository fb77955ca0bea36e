//! Clean builds.

use anyhow::Result;

use crate::compile::{self, Binaries};
use crate::contender::Contender;
use crate::sheet::{Measure, Sheet};

/// Measures the time of a clean build, once, since it takes long.
///
/// # Errors
/// If a contender does not compile.
pub fn clean_builds(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        let folder = binaries.path(contender).with_extension("clean");
        sheet.record(Measure::Build, contender, compile::clean_build(contender, &folder)?.as_secs_f64());
    }
    Ok(())
}
