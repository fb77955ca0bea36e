//! [`Elf`]: the architecture of an executable, how it is linked, and the versions of glibc that it needs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use object::Endianness;
use object::elf::{self, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionTable, Sym as _};

use crate::lambda::glibc::Version;
use crate::lambda::runtime::Architecture;

type Header = FileHeader64<Endianness>;

/// The properties of a Linux executable that decide whether it starts on Lambda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elf {
    /// The architecture of its machine code.
    pub(crate) architecture: Architecture,
    /// The path of its dynamic loader; a static executable has none.
    pub(crate) loader: Option<String>,
    /// The shared libraries that it needs.
    pub(crate) libraries: Vec<String>,
    /// The versions of glibc that it needs, each with the symbols that require it.
    pub(crate) glibc: BTreeMap<Version, Vec<String>>,
}

impl Elf {
    /// Reads an executable for 64-bit Linux.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let header = Header::parse(bytes).ok().context("it is not an executable for 64-bit Linux")?;
        let endian = header.endian()?;
        let architecture = match header.e_machine(endian) {
            elf::EM_X86_64 => Architecture::X86_64,
            elf::EM_AARCH64 => Architecture::Arm64,
            _ => bail!("it is for an architecture that Lambda does not have"),
        };
        let mut loader = None;
        for segment in header.program_headers(endian, bytes)? {
            loader = loader.or(segment.interpreter(endian, bytes)?.map(text));
        }
        let sections = header.sections(endian, bytes)?;
        let libraries = libraries(&sections, endian, bytes)?;
        Ok(Self { architecture, loader, libraries, glibc: glibc(&sections, endian, bytes)? })
    }

    /// Returns the highest version of glibc that it needs, or `None` if it needs no glibc.
    pub(crate) fn needs_glibc(&self) -> Option<&Version> {
        self.glibc.last_key_value().map(|(version, _)| version)
    }
}

fn libraries(sections: &SectionTable<'_, Header>, endian: Endianness, bytes: &[u8]) -> Result<Vec<String>> {
    let Some((entries, strings)) = sections.dynamic(endian, bytes)? else { return Ok(Vec::new()) };
    let strings = sections.strings(endian, bytes, strings)?;
    let needed = entries.iter().filter(|entry| entry.tag(endian) == elf::DT_NEEDED);
    needed.map(|entry| Ok(text(entry.string(endian, strings)?))).collect()
}

/// Returns the versions of glibc that the loader requires, each with its symbols. A version that only weak symbols have
/// is marked as such and not required.
fn glibc(
    sections: &SectionTable<'_, Header>,
    endian: Endianness,
    bytes: &[u8],
) -> Result<BTreeMap<Version, Vec<String>>> {
    let mut symbols: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let table = sections.symbols(endian, bytes, elf::SHT_DYNSYM)?;
    if let Some(versions) = sections.versions(endian, bytes)? {
        for (index, symbol) in table.enumerate().filter(|(_, symbol)| symbol.is_undefined(endian)) {
            if let Some(version) = versions.version(versions.version_index(endian, index).index())? {
                symbols.entry(text(version.name())).or_default().push(text(symbol.name(endian, table.strings())?));
            }
        }
    }

    let mut needed = BTreeMap::new();
    let Some((mut libraries, strings)) = sections.gnu_verneed(endian, bytes)? else { return Ok(needed) };
    let strings = sections.strings(endian, bytes, strings)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            let name = text(version.name(endian, strings)?);
            let is_weak = version.vna_flags.get(endian).contains(elf::VER_FLG_WEAK);
            if let Some(glibc) = Version::of_symbol_version(&name).filter(|_| !is_weak) {
                let requiring: &mut Vec<_> = needed.entry(glibc).or_default();
                requiring.extend(symbols.remove(&name).unwrap_or_default());
                requiring.sort();
            }
        }
    }
    Ok(needed)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_an_executable_is_refused() {
        for bytes in [&b""[..], b"#!/bin/sh\n", b"\x7fELF", &[0; 64]] {
            let error = Elf::read(bytes).unwrap_err().to_string();
            assert_eq!(error, "it is not an executable for 64-bit Linux");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_executable_is_read() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let elf = Elf::read(&bytes).unwrap();
        assert_eq!(Some(elf.architecture), Architecture::of_this_machine());
        if cfg!(all(target_env = "gnu", not(target_feature = "crt-static"))) {
            assert!(elf.libraries.iter().any(|library| library == "libc.so.6"), "{elf:?}");
            let symbols: Vec<_> = elf.glibc.values().flatten().collect();
            assert!(symbols.iter().any(|symbol| *symbol == "__libc_start_main"), "{elf:?}");
        }
    }
}
