//! `cargo mayfly` on projects as people have them: several commands at once, workspaces, helper programs, odd names, and
//! cargo's own flags.

mod beside;
mod folders;
mod selection;
mod workspace;
