//! `cargo mayfly list`.

mod cfg;
mod imports;
mod missing;
mod run;
mod source;
mod stray;
mod variables;

pub(crate) use self::run::list;
