//! Handlers under another name of the crate, directly and through a re-export.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications)]

use std::process::ExitCode;

/// A re-export of the crate.
pub mod reexported {
    pub use lambda as mayfly;
}

/// Makes a state.
#[lambda::init(crate = lambda)]
pub fn limit() -> u32 {
    3
}

/// Runs before a snapshot.
#[lambda::before_snapshot(crate = lambda)]
pub fn close(_: lambda::State<u32>) {}

/// Runs after the restore.
#[reexported::mayfly::after_restore(crate = crate::reexported::mayfly)]
pub async fn reopen(_: lambda::State<u32>) {}

/// Takes the state.
#[lambda::handler(crate = lambda)]
pub async fn direct(_: u8, limit: lambda::State<u32>) -> Result<u32, lambda::Error> {
    Ok(*limit)
}

/// Takes the state through the re-export.
#[reexported::mayfly::handler(crate = crate::reexported::mayfly)]
pub fn through_a_reexport(_: u8, limit: reexported::mayfly::State<u32>) -> u32 {
    *limit
}

/// Takes a message and the state.
#[lambda::batch(crate = lambda, concurrency = 2)]
pub async fn batch(_: lambda::batch::Sqs<String>, limit: lambda::State<u32>) -> Result<(), lambda::Error> {
    assert_eq!(*limit, 3);
    Ok(())
}

/// Takes a change through the re-export.
#[reexported::mayfly::batch(crate = crate::reexported::mayfly)]
pub fn batch_through_a_reexport(_: lambda::batch::DynamoDb<Vec<(String, u8)>>) {}

/// Runs around a handler.
#[reexported::mayfly::around(crate = crate::reexported::mayfly)]
pub async fn surrounding(
    _: &lambda::Invocation<'_>,
    next: lambda::Next<'_>,
) -> Result<lambda::around::Reply, lambda::Error> {
    next.run().await
}

/// Runs inside of the function.
#[lambda::handler(crate = lambda, around = [surrounding])]
pub fn surrounded() {}

macro_rules! handler {
    ($name:ident, $event:ty) => {
        /// A handler made by a macro that names the crate.
        #[$crate::reexported::mayfly::handler(crate = $crate::reexported::mayfly)]
        pub fn $name(_: $event) {}
    };
}

handler!(through_a_macro, Vec<u8>);

mod binary {
    lambda::main!(around = crate::surrounding);

    pub(super) fn run() -> super::ExitCode {
        main()
    }
}

fn main() -> ExitCode {
    binary::run()
}
