//! `cargo mayfly template`.

mod case;
mod check;
mod cloudformation;
mod comparison;
mod declared;
mod document;
mod for_each;
mod infrastructure;
mod read;
mod run;
mod sam;
mod serverless;

pub(crate) use self::run::template;
