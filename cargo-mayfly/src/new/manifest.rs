//! [`Manifest`]: creates the Cargo.toml of a package, or adds to an existing one.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

use crate::new::name::Name;
use crate::new::origin::Origin;
use crate::new::workspace::Workspace;

const TEMPLATE: &str = include_str!("../../templates/new/manifest.toml");
/// The line of the dependency on axum.
const AXUM: &str = "axum = { version = \"0.8\", default-features = false, features = [\"json\", \"query\"] }\n";
const MAIN: &str = "src/main.rs";

/// A Cargo.toml that is created or edited.
#[derive(Clone, Debug)]
pub(crate) struct Manifest(DocumentMut);

/// The optional additions to a manifest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Additions {
    /// The dependencies of the example handlers.
    pub(crate) examples: bool,
    /// The binary `src/main.rs`.
    pub(crate) binary: bool,
    /// The dependencies of routes.
    pub(crate) is_http: bool,
}

impl Manifest {
    /// Creates the manifest of a new package.
    pub(crate) fn new(name: &Name, origin: &Origin, workspace: Option<&Workspace>, is_http: bool) -> Result<Self> {
        let mut manifest = template(&name.package, origin, is_http)?;
        if let Some(workspace) = workspace {
            // A profile counts only in the workspace's manifest. Binaries of all members are built into one folder, so
            // that each needs a name of its own.
            manifest.remove("profile");
            manifest.remove("bin");
            let package = manifest["package"].as_table_mut().context("the template has a package")?;
            for key in workspace.package_keys() {
                package.insert(&key, shared());
            }
            if workspace.has_lints() {
                manifest.insert("lints", Item::Table(Table::from_iter([("workspace", true)])));
            }
        }
        if !name.is_usual() {
            manifest.insert("lib", Item::Table(Table::from_iter([("name", name.library.as_str())])));
            if workspace.is_some() {
                let binary = Table::from_iter([("name", name.library.replace('_', "-").as_str()), ("path", MAIN)]);
                manifest.insert("bin", Item::ArrayOfTables(ArrayOfTables::from_iter([binary])));
            }
        }
        Ok(Self(manifest))
    }

    /// Parses an existing manifest of a package.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let manifest: DocumentMut = text.parse().context("Cargo.toml cannot be read")?;
        if manifest.get("package").is_none() {
            bail!("Cargo.toml has a workspace but no package: name a folder below it for the package");
        }
        Ok(Self(manifest))
    }

    /// Returns the library's name in paths.
    pub(crate) fn library(&self) -> String {
        let name = |table: &str| self.0.get(table)?.get("name")?.as_str();
        name("lib").or_else(|| name("package")).unwrap_or_default().replace('-', "_")
    }

    /// Returns the root file of the library.
    pub(crate) fn library_path(&self) -> &str {
        self.0.get("lib").and_then(|lib| lib.get("path")?.as_str()).unwrap_or("src/lib.rs")
    }

    /// Returns the package's name for mayfly in paths.
    pub(crate) fn name_of_mayfly(&self) -> String {
        self.key_of_mayfly().replace('-', "_")
    }

    /// Returns the key of the dependency on mayfly, which may be renamed.
    fn key_of_mayfly(&self) -> &str {
        let dependencies = self.0.get("dependencies").and_then(Item::as_table_like);
        let mut dependencies = dependencies.into_iter().flat_map(TableLike::iter);
        let renamed = dependencies.find(|(_, it)| it.get("package").and_then(Item::as_str) == Some("mayfly"));
        renamed.map_or("mayfly", |(key, _)| key)
    }

    /// Returns whether its own dependency on mayfly has the feature that routes need. A workspace's is not read.
    pub(crate) fn has_routes(&self) -> bool {
        let mayfly = self.0.get("dependencies").and_then(|table| table.get(self.key_of_mayfly())?.as_table_like());
        let features = mayfly.and_then(|mayfly| mayfly.get("features")?.as_array());
        features.is_some_and(|features| features.iter().any(|feature| feature.as_str() == Some("axum")))
    }

    /// Returns the paths in `[[bin]]`.
    pub(crate) fn binary_paths(&self) -> impl Iterator<Item = &str> {
        let binaries = self.0.get("bin").and_then(Item::as_array_of_tables);
        binaries.into_iter().flatten().filter_map(|binary| binary.get("path")?.as_str())
    }

    /// Returns the source of its dependency on mayfly, if there is one; a registry is an error.
    pub(crate) fn origin(&self) -> Result<Option<Origin>> {
        let Some(mayfly) = self.0.get("dependencies").and_then(|table| table.get(self.key_of_mayfly())) else {
            return Ok(None);
        };
        let is_elsewhere =
            |table: &&dyn TableLike| ["path", "git", "workspace"].iter().any(|key| table.contains_key(key));
        let Some(table) = mayfly.as_table_like().filter(is_elsewhere) else {
            bail!("the dependency `mayfly` in Cargo.toml is another project from the registry: remove it first");
        };
        Ok(Some(Origin::of(table)))
    }

    /// Adds the missing dependencies, binary and profile, and returns the names of the added entries.
    pub(crate) fn complete(
        &mut self,
        origin: &Origin,
        workspace: Option<&Workspace>,
        additions: Additions,
    ) -> Result<Vec<String>> {
        let template = template("", origin, additions.is_http)?;
        let mayfly = self.key_of_mayfly().to_owned();
        let mut added = Vec::new();
        for section in ["dependencies", "dev-dependencies"] {
            let wanted = template[section].as_table_like().into_iter().flat_map(TableLike::iter);
            for (name, dependency) in wanted.filter(|(name, _)| additions.examples || ["axum", "mayfly"].contains(name))
            {
                let table = self.0.entry(section).or_insert(toml_edit::table()).as_table_like_mut();
                let table = table.with_context(|| format!("`{section}` in Cargo.toml is not a table"))?;
                let name = if name == "mayfly" { &mayfly } else { name };
                if !table.contains_key(name) {
                    table.insert(name, dependency.clone());
                    added.push(format!("{section}.{name}"));
                }
            }
        }
        if workspace.is_none() {
            added.extend(if additions.binary { self.add_binary(&template) } else { None });
            added.extend(self.add_profile(&template));
        }
        Ok(added)
    }

    fn add_binary(&mut self, template: &DocumentMut) -> Option<String> {
        let package = self.0["package"].get("name").and_then(Item::as_str).map(str::to_owned);
        let bins = self.0.entry("bin").or_insert(Item::ArrayOfTables(ArrayOfTables::new())).as_array_of_tables_mut()?;
        let is_main = |bin: &Table| match bin.get("path").and_then(Item::as_str) {
            Some(path) => Path::new(path) == Path::new(MAIN),
            None => bin.get("name").and_then(Item::as_str) == package.as_deref(),
        };
        if bins.iter().any(is_main) {
            return None;
        }
        let mut binary = template["bin"].as_array_of_tables()?.get(0)?.clone();
        binary.set_position(None);
        bins.push(binary);
        Some("[[bin]]".to_owned())
    }

    fn add_profile(&mut self, template: &DocumentMut) -> Option<String> {
        let profiles = self.0.entry("profile").or_insert(Item::Table(implicit())).as_table_like_mut()?;
        if profiles.contains_key("release") {
            return None;
        }
        let mut release = template["profile"]["release"].as_table()?.clone();
        release.set_position(None);
        release.decor_mut().set_prefix("\n");
        profiles.insert("release", Item::Table(release));
        Some("[profile.release]".to_owned())
    }

    /// Returns the text of the manifest.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}

/// Returns the release profile as TOML.
pub(crate) fn profile() -> Result<&'static str> {
    let at = TEMPLATE.find("[profile.release]").context("the template has a release profile")?;
    Ok(&TEMPLATE[at..])
}

fn template(name: &str, origin: &Origin, is_http: bool) -> Result<DocumentMut> {
    let text = TEMPLATE
        .replace("{{name}}", name)
        .replace("{{axum}}", if is_http { AXUM } else { "" })
        .replace("{{mayfly}}", &origin.dependency(if is_http { &["axum"] } else { &[] }).to_string())
        .replace("{{mayfly-testing}}", &origin.dependency(&["testing"]).to_string());
    text.parse().context("the template of the manifest is wrong")
}

/// Creates the value of `key.workspace = true`.
fn shared() -> Item {
    let mut table = Table::from_iter([("workspace", true)]);
    table.set_dotted(true);
    Item::Table(table)
}

/// Creates a table that has no header of its own.
fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}
