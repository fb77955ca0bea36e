//! The blocks of Rust on pages that are programs or have routes, and have no tests.
#![allow(missing_docs, unreachable_pub, unused, clippy::all, clippy::pedantic, reason = "code on a page is short")]

include!(concat!(env!("OUT_DIR"), "/programs.rs"));
