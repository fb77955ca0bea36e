//! What a build made, and which function a name means.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;

use crate::compile;
use crate::dev::artifact::Artifact;
use crate::dev::refusal::Refusal;
use crate::nearest;
use crate::opts::{Configuration, Selection};
use crate::project::Project;
use crate::select;
use crate::settings::{FunctionSettings, Settings};

/// The binaries of one build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) artifacts: Vec<Arc<Artifact>>,
    /// The number of the build.
    pub(crate) generation: u64,
}

/// A function: a binary and what it finds in `_HANDLER`.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) handler: String,
}

impl Target {
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
    /// Builds the selected binaries; those that came out as in the build `before` are taken from there.
    ///
    /// # Errors
    /// If one does not build, or is none of mayfly's.
    pub(crate) fn build(project: &Project, selection: &Selection, release: bool, before: &Self) -> Result<Self> {
        let binaries = project.binaries(selection)?;
        let executables = compile::executables(&binaries, release)?;
        let generation = before.generation + 1;
        let artifacts = binaries.into_iter().zip(executables).map(|(binary, executable)| {
            let settings = Settings::new(&Configuration::default(), project.settings_of(&binary.id))?;
            match before.artifacts.iter().find(|artifact| artifact.is_of(&binary, &settings, &executable)) {
                Some(artifact) => Ok(Arc::clone(artifact)),
                None => {
                    Artifact::keep(binary, settings, &executable, project.target_directory(), generation).map(Arc::new)
                }
            }
        });
        Ok(Self { artifacts: artifacts.collect::<Result<_>>()?, generation })
    }

    /// The paths of all handlers, sorted.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.artifacts.iter().flat_map(|artifact| &artifact.registry.handlers).map(|handler| &*handler.path).collect()
    }

    /// The function of that name: a handler's path or other name, a binary, or a package with one binary.
    ///
    /// # Errors
    /// If there is none, or several binaries have one.
    pub(crate) fn find(&self, name: &str) -> Result<Target, Refusal> {
        let having = |is_named: &dyn Fn(&Artifact) -> bool| -> Vec<&Arc<Artifact>> {
            self.artifacts.iter().filter(|artifact| is_named(artifact)).collect()
        };
        let by_handler = having(&|artifact| select::is_named(&artifact.registry, name));
        let by_binary = having(&|artifact| artifact.binary.name == name || artifact.binary.package == name);
        let first_segment = name.split("::").next().unwrap_or_default();
        let at_home: Vec<_> =
            by_handler.iter().copied().filter(|artifact| artifact.binary.holds(first_segment)).collect();
        let of_handler = |artifact: &Arc<Artifact>| Target { artifact: Arc::clone(artifact), handler: name.to_owned() };
        match (by_handler.as_slice(), at_home.as_slice(), by_binary.as_slice()) {
            ([artifact], ..) | (_, [artifact], _) => Ok(of_handler(artifact)),
            // The runtime chooses among the binary's handlers, as it does where the Handler setting names the binary.
            ([], _, [artifact]) => Ok(Target { artifact: Arc::clone(artifact), handler: artifact.binary.name.clone() }),
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
