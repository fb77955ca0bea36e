//! The blocks of Rust on pages that are neither programs nor have routes, with their tests.
#![allow(missing_docs, unreachable_pub, unused, clippy::all, clippy::pedantic, reason = "code on a page is short")]

include!(concat!(env!("OUT_DIR"), "/functions.rs"));
