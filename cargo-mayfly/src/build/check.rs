//! Checks whether an executable would start on Lambda.

use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};

use crate::build::elf::Elf;
use crate::lambda::runtime::{Architecture, Runtime};

/// The number of symbols that a message names for each version.
const NAMED: usize = 5;

/// Checks that an executable has the requested architecture, if any, and the loader and glibc of a runtime.
pub(crate) fn starts_on(elf: &Elf, runtime: Runtime, wanted: Option<Architecture>) -> Result<()> {
    if let Some(wanted) = wanted {
        let made = elf.architecture;
        ensure!(
            made == wanted,
            "it was built for {made}, not for {wanted}: look for `build.target` in your cargo configuration"
        );
    }
    let has = elf.architecture.loader();
    if let Some(loader) = elf.loader.as_deref().filter(|loader| *loader != has) {
        bail!("it asks for the loader {loader}, but Lambda has {has}: build with --docker, or with --static");
    }
    ensure!(!needs_too_new(elf, runtime), "{}", too_new(elf, runtime));
    Ok(())
}

/// Returns whether an executable needs a newer glibc than the runtime's.
pub(crate) fn needs_too_new(elf: &Elf, runtime: Runtime) -> bool {
    elf.needs_glibc().is_some_and(|needed| *needed > runtime.glibc())
}

/// Returns the libraries that belong neither to glibc nor to the compiler's runtime, and must therefore be in the zip.
pub(crate) fn foreign_libraries(elf: &Elf) -> impl Iterator<Item = &str> {
    const ON_LAMBDA: [&str; 10] =
        ["ld-linux", "libc", "libdl", "libgcc_s", "libm", "libmvec", "libpthread", "libresolv", "librt", "libutil"];
    let is_on_lambda = |library: &str| {
        let stem = library.split(".so").next().unwrap_or_default();
        ON_LAMBDA.contains(&stem) || stem.starts_with("ld-linux-")
    };
    elf.libraries.iter().map(String::as_str).filter(move |library| !is_on_lambda(library))
}

fn too_new(elf: &Elf, runtime: Runtime) -> String {
    let has = runtime.glibc();
    let newest = elf.needs_glibc().expect("it needs a glibc that is too new");
    let mut text = format!("it needs glibc {newest}, but {runtime} has {has}:");
    for (version, symbols) in elf.glibc.iter().rev().filter(|(version, _)| **version > has) {
        let named = symbols.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        // Writing to a string cannot fail.
        let _ = match symbols.len().saturating_sub(NAMED) {
            0 => write!(text, "\n  GLIBC_{version}: {named}"),
            more => write!(text, "\n  GLIBC_{version}: {named} and {more} more"),
        };
    }
    text.push_str("\nto fix this, use one of:");
    let _ = write!(text, "\n  --docker, which builds on {}", runtime.image());
    text.push_str("\n  --static, which needs no glibc at all");
    text.push_str(
        "\n  `pip install cargo-zigbuild`, which links against the older glibc and is used once it is installed",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::glibc::Version;

    fn elf(needs: &[(&[u16], &[&str])]) -> Elf {
        let owned = |symbols: &[&str]| symbols.iter().map(ToString::to_string).collect();
        Elf {
            architecture: Architecture::X86_64,
            loader: Some("/lib64/ld-linux-x86-64.so.2".to_owned()),
            libraries: Vec::new(),
            glibc: needs.iter().map(|(version, symbols)| (Version::new(version), owned(symbols))).collect(),
        }
    }

    fn error(elf: &Elf, runtime: Runtime) -> String {
        starts_on(elf, runtime, None).unwrap_err().to_string()
    }

    #[test]
    fn a_glibc_that_is_too_new_is_named_with_its_symbols() {
        let new = elf(&[(&[2, 2, 5], &["exit"]), (&[2, 34], &["__libc_start_main"])]);
        assert!(starts_on(&new, Runtime::Al2023, None).is_ok());
        let newer = elf(&[(&[2, 38], &["a", "b", "c", "d", "e", "f", "g"]), (&[2, 36], &["arc4random"])]);
        let text = error(&newer, Runtime::Al2023);
        assert!(text.starts_with("it needs glibc 2.38, but provided.al2023 has 2.34:\n"), "{text}");
        assert!(text.contains("\n  GLIBC_2.38: a, b, c, d, e and 2 more\n  GLIBC_2.36: arc4random\n"), "{text}");
    }

    #[test]
    fn an_executable_without_glibc_starts_everywhere() {
        let mut fixed = elf(&[]);
        fixed.loader = None;
        assert!(starts_on(&fixed, Runtime::Al2023, None).is_ok());
    }

    #[test]
    fn another_architecture_or_loader_is_refused() {
        let mut odd = elf(&[]);
        let text = starts_on(&odd, Runtime::Al2023, Some(Architecture::Arm64)).unwrap_err().to_string();
        assert!(text.starts_with("it was built for x86_64, not for arm64"), "{text}");
        odd.loader = Some("/lib/ld-musl-x86_64.so.1".to_owned());
        assert!(error(&odd, Runtime::Al2023).starts_with("it asks for the loader /lib/ld-musl-x86_64.so.1"));
    }

    #[test]
    fn libraries_beyond_glibc_are_foreign() {
        let mut linked = elf(&[]);
        let libraries =
            ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "libssl.so.3", "libcrypt.so.1", "libstdc++.so.6"];
        linked.libraries = libraries.map(str::to_owned).to_vec();
        assert_eq!(foreign_libraries(&linked).collect::<Vec<_>>(), ["libssl.so.3", "libcrypt.so.1", "libstdc++.so.6"]);
    }
}
