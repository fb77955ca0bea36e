//! What a build made, and which function a name means.

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
    /// The flags of the binaries that are none of mayfly's.
    strangers: Vec<String>,
    /// The files that the build has read.
    pub(crate) read: BTreeSet<PathBuf>,
    /// The number of the build.
    pub(crate) generation: u64,
}

/// A function: a binary and what it finds in `_HANDLER`.
#[derive(Clone, Debug)]
pub(crate) struct ServedFunction {
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) handler: String,
}

impl ServedFunction {
    /// How the function is configured.
    pub(crate) fn settings(&self) -> FunctionSettings {
        self.artifact.settings.named(&self.artifact.registry, &self.handler)
    }
}

/// Equal are builds of which no executable differs.
impl PartialEq for Catalog {
    fn eq(&self, other: &Self) -> bool {
        self.artifacts.len() == other.artifacts.len()
            && self.artifacts.iter().zip(&other.artifacts).all(|(one, another)| Arc::ptr_eq(one, another))
    }
}

impl Catalog {
    /// Builds the selected binaries; those that came out as in the build `before` are taken from there. A binary that is
    /// none of mayfly's is passed over, unless there is no other.
    pub(crate) fn build(project: &Project, selection: &Selection, how: &Compilation, before: &Self) -> Result<Self> {
        let binaries = project.binaries(selection, &how.cargo.features)?;
        let programs = compile::programs(project, &binaries, how)?;
        let read =
            programs.iter().flat_map(|program| dep_info::files_of(&program.executable, project.root())).collect();
        let (programs, strangers) = compile::with_handlers(programs)?;
        let strangers = strangers.iter().map(Binary::flags).collect();
        let mut catalog = Self { generation: before.generation + 1, strangers, read, ..Self::default() };
        for CompiledBinary { binary, executable, .. } in programs {
            let settings = Settings::new(&FunctionFlags::default(), project.settings_of(&binary.id))?;
            let known = before.artifacts.iter().find(|artifact| artifact.is_of(&binary, &settings, &executable));
            catalog.artifacts.push(match known {
                Some(artifact) => Arc::clone(artifact),
                None => Arc::new(Artifact::new(binary, settings, executable, catalog.generation)?),
            });
        }
        for stranger in catalog.strangers.iter().filter(|stranger| !before.strangers.contains(stranger)) {
            say(format_args!("passed over: {stranger}, whose `main` is not written by `mayfly::main!`"));
        }
        Ok(catalog)
    }

    /// The paths of all handlers, sorted.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.artifacts.iter().flat_map(|artifact| &artifact.registry.handlers).map(|handler| &*handler.path).collect()
    }

    /// The function of that name: a handler's path or other name, a binary, or a package with one binary.
    pub(crate) fn find(&self, name: &str) -> Result<ServedFunction, Refusal> {
        let having = |is_wanted: &dyn Fn(&Artifact) -> bool| -> Vec<&Arc<Artifact>> {
            self.artifacts.iter().filter(|artifact| is_wanted(artifact)).collect()
        };
        let first_segment = name.split("::").next().unwrap_or_default();
        let has = |artifact: &Artifact| select::is_named(&artifact.registry, name);
        let by_handler = having(&has);
        let mut at_home = having(&|artifact| has(artifact) && artifact.binary.is_crate(first_segment));
        if at_home.is_empty() {
            at_home = having(&|artifact| has(artifact) && artifact.binary.holds(first_segment));
        }
        let mut by_binary = having(&|artifact| artifact.binary.name == name);
        if by_binary.is_empty() {
            by_binary = having(&|artifact| artifact.binary.package == name);
        }
        let of_handler =
            |artifact: &Arc<Artifact>| ServedFunction { artifact: Arc::clone(artifact), handler: name.to_owned() };
        match (by_handler.as_slice(), at_home.as_slice(), by_binary.as_slice()) {
            ([artifact], ..) | (_, [artifact], _) => Ok(of_handler(artifact)),
            // The runtime chooses among the binary's handlers, as it does where the Handler setting names the binary.
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
