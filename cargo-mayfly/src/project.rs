//! Cargo's metadata → the binaries that may hold handlers.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId};

use crate::opts::Selection;

/// The workspace around the current folder.
pub(crate) struct Project(Metadata);

/// A binary of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binary {
    /// Its package.
    pub(crate) package: String,
    /// Its own name.
    pub(crate) name: String,
    /// Its package, as cargo tells packages apart.
    pub(crate) id: PackageId,
    /// The folder of its package.
    pub(crate) folder: PathBuf,
    /// Whether its package depends on mayfly.
    pub(crate) uses_mayfly: bool,
}

impl Binary {
    /// Whether handler paths begin with that word: the package's library, or the binary's own crate.
    pub(crate) fn holds(&self, first_segment: &str) -> bool {
        [&self.package, &self.name].iter().any(|name| name.replace('-', "_") == first_segment)
    }

    /// Whether its own crate has that name.
    pub(crate) fn is_crate(&self, name: &str) -> bool {
        self.name.replace('-', "_") == name
    }

    /// The flags that choose it.
    pub(crate) fn flags(&self) -> String {
        format!("--package {} --bin {}", self.package, self.name)
    }
}

impl Project {
    /// Asks cargo for the workspace around the current folder.
    ///
    /// # Errors
    /// If there is none, or its manifest is broken.
    pub(crate) fn load() -> Result<Self> {
        match MetadataCommand::new().no_deps().exec() {
            Ok(metadata) => Ok(Self(metadata)),
            Err(cargo_metadata::Error::CargoMetadata { stderr }) => {
                let why = stderr.trim().trim_start_matches("error: ");
                bail!("this is no Cargo project that can be read: {why}")
            }
            Err(error) => bail!("cargo could not be asked for the project: {error}"),
        }
    }

    /// The binaries that the selection leaves.
    ///
    /// # Errors
    /// If it names a package or binary that does not exist, or leaves nothing.
    pub(crate) fn binaries(&self, selection: &Selection) -> Result<Vec<Binary>> {
        let packages = self.packages(selection.package.as_deref())?;
        let binaries: Vec<_> = packages.into_iter().flat_map(binaries).collect();
        let Some(name) = &selection.bin else {
            if binaries.is_empty() {
                bail!(
                    "no package here that depends on mayfly has a binary; add src/main.rs with `mayfly::main!(my_app);`"
                );
            }
            return Ok(binaries);
        };
        let named: Vec<_> = binaries.iter().filter(|binary| binary.name == *name).cloned().collect();
        if named.is_empty() {
            bail!("there is no binary `{name}`; there are: {}", choices(&binaries));
        }
        Ok(named)
    }

    /// The one binary that the selection leaves, or that can hold the handler of that path.
    ///
    /// # Errors
    /// As [`binaries`](Self::binaries), and if it is not clear which.
    pub(crate) fn binary(&self, selection: &Selection, handler: &str) -> Result<Binary> {
        let candidates = self.binaries(selection)?;
        let first_segment = handler.split("::").next().unwrap_or_default();
        let holding: Vec<_> = candidates.iter().filter(|binary| binary.holds(first_segment)).collect();
        match (candidates.as_slice(), holding.as_slice()) {
            ([binary], _) => Ok(binary.clone()),
            (_, [binary]) => Ok((*binary).clone()),
            _ => bail!("several binaries could hold `{handler}`; choose with one of: {}", choices(&candidates)),
        }
    }

    /// The one binary that the selection leaves.
    ///
    /// # Errors
    /// As [`binaries`](Self::binaries), and if it leaves several.
    pub(crate) fn only_binary(&self, selection: &Selection) -> Result<Binary> {
        let mut binaries = self.binaries(selection)?;
        if binaries.len() > 1 {
            bail!("there are several binaries; choose with one of: {}", choices(&binaries));
        }
        Ok(binaries.remove(0))
    }

    /// `[package.metadata.mayfly]` of a package.
    pub(crate) fn settings_of(&self, package: &PackageId) -> Option<&serde_json::Value> {
        self.0.packages.iter().find(|member| member.id == *package)?.metadata.get("mayfly")
    }

    /// What a package calls mayfly.
    pub(crate) fn names_of_mayfly(&self, package: &PackageId) -> Vec<String> {
        let package = self.0.packages.iter().find(|member| member.id == *package);
        let names = package.into_iter().flat_map(|package| &package.dependencies).filter(|dependency| {
            dependency.name == "mayfly" && dependency.kind == cargo_metadata::DependencyKind::Normal
        });
        let names: Vec<_> = names.map(|it| it.rename.as_ref().unwrap_or(&it.name).replace('-', "_")).collect();
        // A package beside the workspace is not in the metadata.
        if package.is_none() { vec!["mayfly".to_owned()] } else { names }
    }

    /// The folder of the workspace.
    pub(crate) fn root(&self) -> &Path {
        self.0.workspace_root.as_std_path()
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target_directory(&self) -> &Path {
        self.0.target_directory.as_std_path()
    }

    /// The folders of the workspace's packages, and of those beside it that they depend on by path.
    pub(crate) fn local_folders(&self) -> impl Iterator<Item = PathBuf> {
        self.0.workspace_packages().into_iter().flat_map(|package| {
            let beside = package.dependencies.iter().filter_map(|dependency| dependency.path.clone());
            beside.map(Into::into).chain([folder(package)])
        })
    }

    /// Packages that depend on mayfly, or the one of that name.
    fn packages(&self, name: Option<&str>) -> Result<Vec<&Package>> {
        let members = self.0.workspace_packages();
        let Some(name) = name else {
            return Ok(members.into_iter().filter(|package| depends_on_mayfly(package)).collect());
        };
        let named: Vec<_> = members.iter().copied().filter(|package| *package.name == name).collect();
        if named.is_empty() {
            let all: Vec<_> = members.iter().map(|package| package.name.as_str()).collect();
            bail!("there is no package `{name}` in this workspace; there are: {}", all.join(", "));
        }
        Ok(named)
    }
}

fn depends_on_mayfly(package: &Package) -> bool {
    package
        .dependencies
        .iter()
        .any(|dependency| dependency.name == "mayfly" && dependency.kind == cargo_metadata::DependencyKind::Normal)
}

fn binaries(package: &Package) -> impl Iterator<Item = Binary> {
    let binaries = package.targets.iter().filter(|target| target.is_bin());
    binaries.map(|target| Binary {
        package: package.name.to_string(),
        name: target.name.clone(),
        id: package.id.clone(),
        folder: folder(package),
        uses_mayfly: depends_on_mayfly(package),
    })
}

fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().map(Into::into).unwrap_or_default()
}

fn choices(binaries: &[Binary]) -> String {
    binaries.iter().map(Binary::flags).collect::<Vec<_>>().join(", ")
}
