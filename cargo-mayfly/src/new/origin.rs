//! [`Origin`]: the source of a new project's dependency on mayfly.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use toml_edit::{Array, DocumentMut, InlineTable, TableLike, Value};

use crate::new::workspace::Workspace;
use crate::opts::MayflySource;
use crate::project::cargo_config;

/// A source of the dependency `mayfly`. A registry is not one: there, the name belongs to another project.
#[derive(Clone, Debug)]
pub(crate) struct Origin(Vec<(&'static str, Value)>);

impl Origin {
    /// Chooses the source that the flags name, else the workspace's own dependency, else the checkout that this command
    /// was built from.
    pub(crate) fn choose(flags: &MayflySource, folder: &Path, workspace: Option<&Workspace>) -> Result<Self> {
        if let Some(url) = &flags.git {
            let keys = [("git", Some(url)), ("branch", flags.branch.as_ref()), ("rev", flags.rev.as_ref())];
            return Ok(Self(keys.into_iter().filter_map(|(key, value)| Some((key, value?.into()))).collect()));
        }
        if let Some(path) = &flags.path {
            let found = mayfly_in(path)
                .with_context(|| format!("--mayfly-path: there is no package `mayfly` in {}", path.display()))?;
            let absolute = found.canonicalize()?;
            // A relative path stays valid if both folders are moved together.
            let relative = path.is_relative().then(|| pathdiff::diff_paths(&absolute, folder)).flatten();
            return Ok(Self::path(&relative.unwrap_or(absolute)));
        }
        if workspace.is_some_and(|workspace| workspace.has_dependency("mayfly")) {
            return Ok(Self(vec![("workspace", true.into())]));
        }
        let Some(checkout) = checkout() else {
            bail!("name the source of mayfly with --mayfly-git URL or --mayfly-path FOLDER");
        };
        Ok(Self::path(&checkout))
    }

    /// Returns the source of an existing dependency.
    pub(crate) fn of(dependency: &dyn TableLike) -> Self {
        let keys = ["package", "path", "git", "branch", "tag", "rev", "workspace"];
        Self(keys.into_iter().filter_map(|key| Some((key, dependency.get(key)?.as_value()?.clone()))).collect())
    }

    fn path(path: &Path) -> Self {
        Self(vec![("path", path.to_string_lossy().replace('\\', "/").into())])
    }

    /// Returns the dependency for a manifest, with these features.
    pub(crate) fn dependency(&self, features: &[&str]) -> InlineTable {
        let mut table: InlineTable = self.0.iter().map(|(key, value)| (*key, value.clone())).collect();
        if !features.is_empty() {
            table.insert("features", Value::Array(features.iter().copied().collect::<Array>()));
        }
        table
    }
}

/// Returns the folder of the package `mayfly`: this folder, or `mayfly` in it.
fn mayfly_in(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join("mayfly")].into_iter().find(|folder| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok();
        let manifest = manifest.and_then(|text| text.parse::<DocumentMut>().ok());
        let name = manifest.as_ref().and_then(|manifest| manifest.get("package")?.get("name")?.as_str());
        name == Some("mayfly")
    })
}

/// Returns the mayfly beside the sources of this command, unless they are in cargo's cache, which cargo may clear.
fn checkout() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let is_cached = cargo_config::home().is_some_and(|home| beside.starts_with(home));
    if is_cached { None } else { mayfly_in(beside) }
}
