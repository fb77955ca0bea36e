//! The benchmark of whole functions: a stand-in of the Runtime API starts and drives their processes, and compares
//! Mayfly with the same function on `lambda_runtime` and with the floor, which is the least that is possible.
//!
//! `cargo bench -p mayfly-bench` measures everything; `-- --quick` only what is the same in each run.

mod chunked;
pub mod compile;
mod connection;
pub mod contender;
pub mod event;
pub mod machine;
pub mod measure;
mod messages;
pub mod pin;
pub mod process;
pub mod recorded;
pub mod request;
pub mod sheet;
pub mod stand_in;
pub mod statistics;
pub mod table;
pub mod target;
