//! The handlers of a binary: how they are listed, found, checked and configured.

pub(crate) mod nearest;
pub(crate) mod registry;
pub(crate) mod select;
pub(crate) mod settings;
pub(crate) mod warnings;
