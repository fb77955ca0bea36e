//! Creates a project, or adds to an existing package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::new::files::Files;
use crate::new::line_ends;
use crate::new::manifest::{self, Additions, Manifest};
use crate::new::name::Name;
use crate::new::origin::Origin;
use crate::new::starter::Starter;
use crate::new::workspace::Workspace;
use crate::opts;

const MAIN: &str = include_str!("../../templates/new/src/main.rs");
const CHECK: &str = include_str!("../../templates/new/tests/check.rs");
/// The address at which `cargo mayfly dev` serves HTTP functions.
const DEV: &str = "http://127.0.0.1:9100/";
const IGNORED: &str = include_str!("../../templates/new/gitignore");

/// Creates a project in a new folder.
pub(crate) fn new(options: &opts::New) -> Result<ExitCode> {
    let destination = Destination::of(&options.folder)?;
    let shown = options.folder.display();
    if destination.folder.symlink_metadata().is_ok() {
        bail!("`{shown}` exists: choose another name, or add to it with `cargo mayfly init {shown}`");
    }
    let starter = Starter::of(options.http);
    destination.fill(options.name.as_deref(), &options.mayfly, starter, false)?;
    if starter.is_http {
        println!("created {shown}; next, run `cargo mayfly dev` in it and open {DEV}");
    } else {
        println!("created {shown}; next, run `cargo test` in it");
    }
    Ok(ExitCode::SUCCESS)
}

/// Creates a project in an existing folder, or adds what its package lacks.
pub(crate) fn init(options: &opts::Init) -> Result<ExitCode> {
    let destination = Destination::of(&options.folder)?;
    if !destination.folder.is_dir() {
        bail!("there is no folder `{}`: `cargo mayfly new` creates one", options.folder.display());
    }
    let starter = Starter::of(options.http);
    match fs::read_to_string(destination.folder.join("Cargo.toml")) {
        Ok(manifest) if options.name.is_some() => {
            let library = Manifest::parse(&manifest)?.library();
            bail!("--name is only for a new package, and there is one already, whose library is `{library}`");
        }
        Ok(manifest) => destination.complete(&manifest, &options.mayfly, starter, options.force)?,
        Err(_) => {
            destination.fill(options.name.as_deref(), &options.mayfly, starter, options.force)?;
            if starter.is_http {
                println!("created a project; next, run `cargo mayfly dev` and open {DEV}");
            } else {
                println!("created a project; next, run `cargo test`");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of a project, and the workspace around it.
struct Destination {
    folder: PathBuf,
    workspace: Option<Workspace>,
}

impl Destination {
    fn of(folder: &Path) -> Result<Self> {
        let folder = canonical(folder)?;
        let workspace = Workspace::around(&folder)?;
        Ok(Self { folder, workspace })
    }

    /// Creates the files of a new project.
    fn fill(&self, name: Option<&str>, mayfly: &opts::MayflySource, starter: Starter, force: bool) -> Result<()> {
        let name = match (name, self.folder.file_name()) {
            (Some(name), _) => Name::new(name)?,
            (None, Some(folder)) => Name::new(&folder.to_string_lossy())
                .map_err(|error| anyhow!("{error}; choose another name with --name"))?,
            (None, None) => bail!("name the package with --name"),
        };
        let origin = Origin::choose(mayfly, &self.folder, self.workspace.as_ref())?;
        let manifest = Manifest::new(&name, &origin, self.workspace.as_ref(), starter.is_http)?;
        let text = |template: &str| rendered(template, &name.package, &name.library);
        let mut files = Files::default();
        files.need(
            &self.folder,
            vec![
                ("Cargo.toml", manifest.text()),
                ("src/lib.rs", text(starter.library)),
                ("src/main.rs", text(MAIN)),
                (starter.tests_path, text(starter.tests)),
            ],
            force,
        )?;
        files.offer(self.folder.join("README.md"), text(starter.readme));
        files.offer(self.folder.join(".gitignore"), IGNORED.to_owned());
        self.finish(files)
    }

    /// Adds what an existing package lacks.
    fn complete(&self, text: &str, mayfly: &opts::MayflySource, starter: Starter, force: bool) -> Result<()> {
        let mut manifest = Manifest::parse(text)?;
        let library = manifest.library();
        let has_library = self.folder.join(manifest.library_path()).is_file();
        let origin = match manifest.origin()? {
            Some(origin) => origin,
            None => Origin::choose(mayfly, &self.folder, self.workspace.as_ref())?,
        };
        let needs_main = !self.has_main(&manifest);
        let is_usual = needs_main || self.folder.join("src/main.rs").is_file();
        let workspace = self.workspace.as_ref();
        let additions = Additions { examples: !has_library, binary: is_usual, is_http: starter.is_http };
        let added = manifest.complete(&origin, workspace, additions)?;
        let mayfly = format!("{}::", manifest.name_of_mayfly());
        let render = |template: &str| rendered(template, &library, &library).replace("mayfly::", &mayfly);
        let mut needed = Vec::new();
        if needs_main {
            needed.push(("src/main.rs", render(MAIN)));
        }
        if !has_library {
            needed.extend([("src/lib.rs", render(starter.library)), (starter.tests_path, render(starter.tests))]);
        }
        let mut files = Files::default();
        files.need(&self.folder, needed, force)?;
        if !added.is_empty() {
            files.edit(self.folder.join("Cargo.toml"), line_ends::restored(text, &manifest.text()));
        }
        files.offer(self.folder.join(starter.tests_path), render(CHECK));
        files.offer(self.folder.join(".gitignore"), IGNORED.to_owned());
        let is_complete = files.paths().next().is_none();
        self.finish(files)?;
        if is_complete {
            println!("nothing to add");
        }
        if !added.is_empty() {
            println!("added to Cargo.toml: {}", added.join(", "));
        }
        if starter.is_http && !manifest.has_routes() {
            eprintln!(
                "note: routes need the feature `axum` of mayfly, which the dependency in Cargo.toml does not name"
            );
        }
        Ok(())
    }

    /// Returns whether one of the package's binaries starts mayfly already.
    fn has_main(&self, manifest: &Manifest) -> bool {
        let entries = fs::read_dir(self.folder.join("src/bin")).into_iter().flatten().flatten();
        let beside = entries.flat_map(|entry| [entry.path(), entry.path().join("main.rs")]);
        let named = manifest.binary_paths().map(|path| self.folder.join(path));
        let mut files = [self.folder.join("src/main.rs")].into_iter().chain(named).chain(beside);
        let name = manifest.name_of_mayfly();
        let calls = [format!("{name}::main!"), format!("{name}::run")];
        files.any(|file| fs::read_to_string(file).is_ok_and(|text| calls.iter().any(|call| text.contains(call))))
    }

    /// Writes the files, prints their paths, and adds the package to its workspace.
    fn finish(&self, mut files: Files) -> Result<()> {
        let member = self.workspace.as_ref().and_then(|workspace| workspace.with_member(&self.folder));
        if let Some((root, manifest)) = &member {
            files.edit(root.clone(), manifest.clone());
        }
        files.write()?;
        for file in files.paths() {
            println!("wrote {}", file.strip_prefix(&self.folder).unwrap_or(file).display());
        }
        let Some(workspace) = &self.workspace else { return Ok(()) };
        let root = workspace.root.display();
        if member.is_some() {
            println!("added the package to the workspace {root}");
        }
        if !workspace.has_release_profile() {
            eprintln!(
                "note: cargo reads release profiles only from the manifest of the workspace, {root}/Cargo.toml, which \
                 has \
                 none; `cargo mayfly build` uses this one by default, add it there for other builds:\n\n{}",
                manifest::profile()?
            );
        }
        Ok(())
    }
}

fn rendered(template: &str, package: &str, library: &str) -> String {
    template.replace("{{name}}", package).replace("{{crate}}", library)
}

/// Returns the canonical path, even if its last folders do not exist yet.
fn canonical(folder: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let existing = absolute.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    let (existing, real) = existing.with_context(|| format!("no parent folder of {} exists", folder.display()))?;
    let rest = absolute.strip_prefix(existing)?;
    Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}
