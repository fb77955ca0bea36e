//! The variables of cargo with which tests build packages that are not of this workspace.

use std::path::{Path, PathBuf};

/// Returns the variables for cargo and for `cargo mayfly`; `temporary` is `CARGO_TARGET_TMPDIR` of the test.
///
/// The dependencies are compiled in this workspace's own folder, where most of them are already, since they have the
/// same profile: no debugging information. The executables come into [`executables`]: some have the names of this
/// workspace's executables, which cargo would overwrite. A cargo before 1.91 compiles everything in the latter.
#[must_use]
pub fn outside(temporary: &str) -> [(&'static str, String); 4] {
    let compiled = Path::new(temporary).parent().expect("it is in the target folder");
    [
        ("CARGO_BUILD_BUILD_DIR", compiled.display().to_string()),
        ("CARGO_TARGET_DIR", executables(temporary).display().to_string()),
        ("CARGO_PROFILE_DEV_DEBUG", "0".to_owned()),
        ("CARGO_NET_OFFLINE", "true".to_owned()),
    ]
}

/// Returns the target folder of all packages that are not of this workspace.
#[must_use]
pub fn executables(temporary: &str) -> PathBuf {
    Path::new(temporary).join("fresh")
}
