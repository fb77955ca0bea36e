//! The first function of `docs/getting-started.md`.
#![allow(missing_docs, clippy::pedantic, reason = "code on a page is short")]

include!(concat!(env!("OUT_DIR"), "/getting_started_1.rs"));
