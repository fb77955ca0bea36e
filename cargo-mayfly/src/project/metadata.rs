//! [`Project`]: cargo's metadata, and the binaries that may have handlers.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, Target};

use crate::opts::{FeatureFlags, ManifestFlags, Selection};
use crate::project::features::Features;
use crate::project::reach;

/// The workspace of the current folder, or of `--manifest-path`.
pub(crate) struct Project {
    metadata: Metadata,
    flags: ManifestFlags,
}

/// A binary of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binary {
    /// The name of its package.
    pub(crate) package: String,
    /// The name of the binary.
    pub(crate) name: String,
    /// The id of its package.
    pub(crate) id: PackageId,
    /// The folder of its package.
    pub(crate) folder: PathBuf,
}

impl Binary {
    /// Returns whether a path with this first segment may be one of its handlers: it names the package's library or the
    /// binary's own crate.
    pub(crate) fn holds(&self, first_segment: &str) -> bool {
        [&self.package, &self.name].iter().any(|name| name.replace('-', "_") == first_segment)
    }

    /// Returns whether the binary's own crate has this name.
    pub(crate) fn is_crate(&self, name: &str) -> bool {
        self.name.replace('-', "_") == name
    }

    /// Returns the flags that select the binary.
    pub(crate) fn flags(&self) -> String {
        format!("--package {} --bin {}", self.package, self.name)
    }
}

impl Project {
    /// Asks cargo for the metadata of the workspace.
    pub(crate) fn load(flags: &ManifestFlags) -> Result<Self> {
        match metadata_command(flags).no_deps().exec() {
            Ok(metadata) => Ok(Self { metadata, flags: flags.clone() }),
            Err(cargo_metadata::Error::CargoMetadata { stderr }) => {
                let why = stderr.trim().trim_start_matches("error: ");
                bail!("cargo cannot read the project: {why}")
            }
            Err(error) => bail!("cargo could not be asked for the metadata of the project: {error}"),
        }
    }

    /// Returns the selected binaries. A binary whose required features are disabled is an error if it is named, and
    /// left out otherwise.
    pub(crate) fn binaries(&self, selection: &Selection, flags: &FeatureFlags) -> Result<Vec<Binary>> {
        let packages = self.packages(selection)?;
        let all = packages.into_iter().flat_map(|package| binaries(package, flags));
        let named =
            |(binary, _): &(Binary, Vec<String>)| selection.bin.as_ref().is_none_or(|name| binary.name == *name);
        let (named, others): (Vec<_>, Vec<_>) = all.partition(named);
        let (on, off): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, missing)| missing.is_empty());
        if on.is_empty() {
            bail!("{}", none(selection, &off, &others));
        }
        Ok(on.into_iter().map(|(binary, _)| binary).collect())
    }

    /// Returns the table `[package.metadata.mayfly]` of a package.
    pub(crate) fn settings_of(&self, package: &PackageId) -> Option<&serde_json::Value> {
        self.metadata.packages.iter().find(|member| member.id == *package)?.metadata.get("mayfly")
    }

    /// Returns the names under which a package depends on mayfly.
    pub(crate) fn names_of_mayfly(&self, package: &PackageId) -> Vec<String> {
        let package = self.metadata.packages.iter().find(|member| member.id == *package);
        let names = package
            .into_iter()
            .flat_map(|package| &package.dependencies)
            .filter(|dependency| dependency.name == "mayfly" && dependency.kind == DependencyKind::Normal);
        let names: Vec<_> = names.map(|it| it.rename.as_ref().unwrap_or(&it.name).replace('-', "_")).collect();
        // The metadata has no packages outside of the workspace.
        if package.is_none() { vec!["mayfly".to_owned()] } else { names }
    }

    /// Returns the folder of the workspace.
    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Returns cargo's target directory.
    pub(crate) fn target_directory(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Returns cargo's build directory, which cargo separates from the target directory since 1.91.
    pub(crate) fn build_directory(&self) -> Option<&Path> {
        self.metadata.build_directory.as_deref().map(AsRef::as_ref)
    }

    /// Returns the folders of the workspace's packages and of their path dependencies.
    pub(crate) fn local_folders(&self) -> impl Iterator<Item = PathBuf> {
        self.metadata.workspace_packages().into_iter().flat_map(|package| {
            let dependencies = package.dependencies.iter().filter_map(|dependency| dependency.path.clone());
            dependencies.map(Into::into).chain([folder(package)])
        })
    }

    /// Returns the selected packages: the one that is named, else those that cargo would build in this folder and that
    /// depend on mayfly.
    fn packages(&self, selection: &Selection) -> Result<Vec<&Package>> {
        let members = self.metadata.workspace_packages();
        if let Some(name) = &selection.package {
            let named: Vec<_> = members.iter().copied().filter(|package| *package.name == *name).collect();
            if named.is_empty() {
                bail!("there is no package `{name}` in this workspace; there are: {}", names(members));
            }
            return Ok(named);
        }
        let reaching = reach::mayfly(&members, || metadata_command(&self.flags).exec().ok());
        let elsewhere = names(members.iter().copied().filter(|package| reaching.contains(&package.id)));
        let mut selected = if selection.workspace { members } else { self.metadata.workspace_default_packages() };
        selected.retain(|package| reaching.contains(&package.id));
        if selected.is_empty() && !elsewhere.is_empty() {
            bail!(
                "no package that cargo builds in this folder depends on mayfly; choose with --workspace or --package; \
                 there are: {elsewhere}"
            );
        }
        Ok(selected)
    }
}

/// Explains why no binary is selected.
fn none(selection: &Selection, off: &[(Binary, Vec<String>)], others: &[(Binary, Vec<String>)]) -> String {
    if let [(binary, missing), ..] = off {
        let (missing, flag) = (missing.join("`, `"), missing.join(","));
        return format!(
            "the binary `{}` of package `{}` requires the features `{missing}`, which are disabled: enable them \
             with --features {flag}",
            binary.name, binary.package
        );
    }
    match &selection.bin {
        Some(name) if !others.is_empty() => {
            let others: Vec<_> = others.iter().map(|(binary, _)| binary.flags()).collect();
            format!("there is no binary `{name}`; there are: {}", others.join(", "))
        }
        _ => "no package here that depends on mayfly has a binary; add src/main.rs with `mayfly::main!(my_app);`"
            .to_owned(),
    }
}

/// Returns the command that asks cargo for metadata.
fn metadata_command(flags: &ManifestFlags) -> MetadataCommand {
    let mut command = MetadataCommand::new();
    if let Some(path) = &flags.manifest_path {
        command.manifest_path(path);
    }
    command.other_options(flags.lock_arguments());
    command
}

/// Returns the binaries of a package, each with its required features that are disabled.
fn binaries(package: &Package, flags: &FeatureFlags) -> impl Iterator<Item = (Binary, Vec<String>)> {
    let features = Features::on(package, flags);
    let binary = |target: &Target| Binary {
        package: package.name.to_string(),
        name: target.name.clone(),
        id: package.id.clone(),
        folder: folder(package),
    };
    let binaries = package.targets.iter().filter(|target| target.is_bin());
    binaries.map(move |target| (binary(target), features.missing(&target.required_features)))
}

fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().map(Into::into).unwrap_or_default()
}

fn names<'a>(packages: impl IntoIterator<Item = &'a Package>) -> String {
    packages.into_iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ")
}
