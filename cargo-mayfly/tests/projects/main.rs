//! Tests `cargo mayfly` on various projects: concurrent commands, workspaces, helper programs, unusual names, and
//! cargo's own flags.

mod beside;
mod folders;
#[path = "../common/outside.rs"]
mod outside;
mod selection;
mod workspace;
