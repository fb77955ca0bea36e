//! The commands and their flags.

mod cargo;
pub(crate) mod command;
mod new;
mod template;

pub(crate) use self::cargo::{CargoFlags, Compilation, FeatureFlags, ManifestFlags, Selection};
pub(crate) use self::command::{Build, Command, Dev, Event, Invoke, List, Options};
pub(crate) use self::new::{Init, Mayfly, New};
pub(crate) use self::template::{Configuration, Format, Template};
