//! [`Catalog`]: the binaries of a build, and the functions that names refer to.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::console::say;
use crate::dev::builds::artifact::Artifact;
use crate::dev::builds::dep_info;
use crate::dev::refusal::Refusal;
use crate::handlers::nearest;
use crate::handlers::select;
use crate::handlers::settings::{FunctionSettings, Settings};
use crate::opts::{Compilation, FunctionFlags, Selection};
use crate::project::compile::{self, CompiledBinary};
use crate::project::metadata::{Binary, Project};

/// The binaries of one build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) artifacts: Vec<Arc<Artifact>>,
    /// The flags of the binaries that do not list handlers.
    skipped: Vec<String>,
    /// The files that the build read.
    pub(crate) read: BTreeSet<PathBuf>,
    /// The number of the build.
    pub(crate) generation: u64,
}

/// A function: a binary with a value of `_HANDLER`.
#[derive(Clone, Debug)]
pub(crate) struct ServedFunction {
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) handler: String,
}

impl ServedFunction {
    /// Returns the configuration of the function.
    pub(crate) fn settings(&self) -> FunctionSettings {
        self.artifact.settings.named(&self.artifact.registry, &self.handler)
    }
}

/// Two builds are equal if all their executables are.
impl PartialEq for Catalog {
    fn eq(&self, other: &Self) -> bool {
        self.artifacts.len() == other.artifacts.len()
            && self.artifacts.iter().zip(&other.artifacts).all(|(one, another)| Arc::ptr_eq(one, another))
    }
}

impl Catalog {
    /// Builds the selected binaries. Binaries that did not change since the build `before` are taken from it. A binary
    /// that does not list handlers is skipped, unless none does.
    pub(crate) fn build(project: &Project, selection: &Selection, how: &Compilation, before: &Self) -> Result<Self> {
        let binaries = project.binaries(selection, &how.cargo.features)?;
        let programs = compile::programs(project, &binaries, how)?;
        let read =
            programs.iter().flat_map(|program| dep_info::files_of(&program.executable, project.root())).collect();
        let (programs, skipped) = compile::with_handlers(programs)?;
        let skipped = skipped.iter().map(Binary::flags).collect();
        let mut catalog = Self { generation: before.generation + 1, skipped, read, ..Self::default() };
        for CompiledBinary { binary, executable, .. } in programs {
            let settings = Settings::new(&FunctionFlags::default(), project.settings_of(&binary.id))?;
            let known = before.artifacts.iter().find(|artifact| artifact.is_of(&binary, &settings, &executable));
            catalog.artifacts.push(match known {
                Some(artifact) => Arc::clone(artifact),
                None => Arc::new(Artifact::new(binary, settings, executable, catalog.generation)?),
            });
        }
        for binary in catalog.skipped.iter().filter(|binary| !before.skipped.contains(binary)) {
            say(format_args!("skipped: {binary}, whose `main` is not written by `mayfly::main!`"));
        }
        Ok(catalog)
    }

    /// Returns the sorted paths of all handlers.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.artifacts.iter().flat_map(|artifact| &artifact.registry.handlers).map(|handler| &*handler.path).collect()
    }

    /// Returns whether the handler with this path takes HTTP requests.
    pub(crate) fn takes_requests(&self, path: &str) -> bool {
        let mut handlers = self.artifacts.iter().flat_map(|artifact| &artifact.registry.handlers);
        handlers.any(|handler| handler.path == path && (handler.service || handler.pattern.is_some()))
    }

    /// Returns the function with this name: a handler's path, name or alias, a binary, or a package with one binary.
    pub(crate) fn find(&self, name: &str) -> Result<ServedFunction, Refusal> {
        let artifacts_where = |is_wanted: &dyn Fn(&Artifact) -> bool| -> Vec<&Arc<Artifact>> {
            self.artifacts.iter().filter(|artifact| is_wanted(artifact)).collect()
        };
        let first_segment = name.split("::").next().unwrap_or_default();
        let has = |artifact: &Artifact| select::is_named(&artifact.registry, name);
        let by_handler = artifacts_where(&has);
        let mut in_own_crate = artifacts_where(&|artifact| has(artifact) && artifact.binary.is_crate(first_segment));
        if in_own_crate.is_empty() {
            in_own_crate = artifacts_where(&|artifact| has(artifact) && artifact.binary.holds(first_segment));
        }
        let mut by_binary = artifacts_where(&|artifact| artifact.binary.name == name);
        if by_binary.is_empty() {
            by_binary = artifacts_where(&|artifact| artifact.binary.package == name);
        }
        let of_handler =
            |artifact: &Arc<Artifact>| ServedFunction { artifact: Arc::clone(artifact), handler: name.to_owned() };
        match (by_handler.as_slice(), in_own_crate.as_slice(), by_binary.as_slice()) {
            ([artifact], ..) | (_, [artifact], _) => Ok(of_handler(artifact)),
            // The runtime selects one of the binary's handlers, as it does for a Handler setting with the binary's
            // name.
            ([], _, [artifact]) => {
                Ok(ServedFunction { artifact: Arc::clone(artifact), handler: artifact.binary.name.clone() })
            }
            ([], _, []) => {
                let names = self.names();
                Err(Refusal::function_not_found(name, &nearest::of(name, names.iter().copied()), &names))
            }
            ([], _, several) | (several, ..) => {
                Err(Refusal::ambiguous(name, several.iter().map(|artifact| artifact.binary.flags())))
            }
        }
    }
}
