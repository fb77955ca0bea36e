//! Versions of glibc, as the names of symbol versions give them.

use std::fmt;

/// A version of glibc; the parts compare as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u16>);

impl Version {
    /// The version with these parts.
    pub(crate) fn new(parts: &[u16]) -> Self {
        Self(parts.to_vec())
    }

    /// The first glibc that has the symbol version `name`; `None` for what is no version of glibc's interface.
    pub(crate) fn of_symbol_version(name: &str) -> Option<Self> {
        // Not a version but a promise of the loader's, which came with that release.
        if name == "GLIBC_ABI_DT_RELR" {
            return Some(Self::new(&[2, 36]));
        }
        let parts = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        parts.collect::<Result<_, _>>().ok().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(u16::to_string).collect();
        formatter.write_str(&parts.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_compare_as_numbers() {
        let version = |name| Version::of_symbol_version(name).unwrap();
        assert!(version("GLIBC_2.4") < version("GLIBC_2.34"));
        assert!(version("GLIBC_2.2") < version("GLIBC_2.2.5"));
        assert!(version("GLIBC_ABI_DT_RELR") > version("GLIBC_2.35"));
        assert_eq!(version("GLIBC_2.2.5").to_string(), "2.2.5");
    }

    #[test]
    fn other_names_are_no_version() {
        for name in ["GCC_3.0", "GLIBC_PRIVATE", "GLIBC_", "GLIBC_2.x", "GLIBCXX_3.4"] {
            assert_eq!(Version::of_symbol_version(name), None, "{name}");
        }
    }
}
