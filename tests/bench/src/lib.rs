//! Measures whole functions: their processes, started and driven by a stand-in of the Runtime API, against the same
//! function on `lambda_runtime` and against the floor, which is the least that is possible.
//!
//! `cargo bench -p mayfly-bench` measures everything; with `-- --quick` only what comes out the same each time.

pub mod compile;
pub mod contender;
pub mod event;
pub mod machine;
pub mod measure;
pub mod pin;
pub mod process;
pub mod sheet;
pub mod stand_in;
pub mod statistics;
pub mod table;
pub mod target;
