//! Tests `cargo mayfly` on various projects: concurrent commands, workspaces, helper programs, unusual names, and
//! cargo's own flags.

mod beside;
mod folders;
mod selection;
mod workspace;
