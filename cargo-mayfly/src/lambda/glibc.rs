//! Versions of glibc, as named by the symbol versions of an executable.

use std::fmt;

/// A version of glibc. Its parts compare as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u16>);

impl Version {
    /// Creates a version from its parts.
    pub(crate) fn new(parts: &[u16]) -> Self {
        Self(parts.to_vec())
    }

    /// Returns the first glibc with the symbol version `name`, or `None` if the name is not one of glibc's versions.
    pub(crate) fn of_symbol_version(name: &str) -> Option<Self> {
        // A feature of the dynamic loader instead of a version; 2.36 introduced it.
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
    fn other_names_are_not_versions() {
        for name in ["GCC_3.0", "GLIBC_PRIVATE", "GLIBC_", "GLIBC_2.x", "GLIBCXX_3.4"] {
            assert_eq!(Version::of_symbol_version(name), None, "{name}");
        }
    }
}
