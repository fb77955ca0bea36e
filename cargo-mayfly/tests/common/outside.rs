//! The variables of cargo with which tests build packages that are not of this workspace.

use std::path::{Path, PathBuf};

/// Returns the variables for cargo and for `cargo mayfly`.
///
/// The dependencies are compiled in this workspace's own folder, where most of them are already, since they have the
/// same profile: no debugging information. The executables come into [`executables`]: some have the names of this
/// workspace's executables, which cargo would overwrite. A cargo before 1.91 compiles everything in the latter.
///
/// Packages with the dependencies of a new project, which are mayfly and serde, share one compilation of mayfly, too.
pub(crate) fn variables() -> [(&'static str, String); 4] {
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder");
    [
        ("CARGO_BUILD_BUILD_DIR", compiled.display().to_string()),
        ("CARGO_TARGET_DIR", executables().display().to_string()),
        ("CARGO_PROFILE_DEV_DEBUG", "0".to_owned()),
        ("CARGO_NET_OFFLINE", "true".to_owned()),
    ]
}

/// Returns the target folder of those packages.
pub(crate) fn executables() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fresh")
}
