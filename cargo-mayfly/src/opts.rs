//! The commands and their flags.

pub(crate) mod architecture;
mod build;
mod command;
mod compilation;
mod dev;
mod init;
mod invoke;
mod list;
mod mayfly;
mod new;
mod numbers;
mod selection;
mod template;

pub(crate) use self::build::Build;
pub(crate) use self::command::{Command, Options};
pub(crate) use self::compilation::{CargoFlags, Compilation, FeatureFlags, ManifestFlags};
pub(crate) use self::dev::Dev;
pub(crate) use self::init::Init;
pub(crate) use self::invoke::{EventFlags, Invoke, RequestFlags, RequestSource};
pub(crate) use self::list::List;
pub(crate) use self::mayfly::MayflySource;
pub(crate) use self::new::New;
pub(crate) use self::selection::Selection;
pub(crate) use self::template::{Format, FunctionFlags, Template};
