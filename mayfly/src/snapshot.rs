//! The snapshot of `SnapStart`: functions before it, the wait for the restore, and functions after the restore.
//!
//! The protocol is described at <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html>.

use crate::counted::counted;
use crate::ending::{Ending, Fatal};
use crate::error::Error;
use crate::executor::Executor;
use crate::in_flight;
use crate::panic::caught::contain;
use crate::registry::hook::{self, Failure, Hook, Moment, Start};
use crate::runtime_api::client::Client;
use crate::stage::{AFTER_RESTORE, BEFORE_SNAPSHOT, INIT, Stage};

/// The value of `AWS_LAMBDA_INITIALIZATION_TYPE` in a process of which a snapshot is taken.
const SNAP_START: &str = "snap-start";

/// Passes the snapshot, if one is taken and the binary has functions for it. Without them the image needs a label, as the
/// page says, and then Lambda takes its snapshot without `/restore/next`.
pub(crate) fn pass(start: Start<'_>) -> Result<(), Failure> {
    if start.env.function.initialization_type.as_deref() != Some(SNAP_START) {
        return Ok(());
    }
    if hook::of(Moment::BeforeSnapshot).is_empty() && hook::of(Moment::AfterRestore).is_empty() {
        return Ok(());
    }
    let mut before = hook::in_order_of_states(Moment::BeforeSnapshot, start.states);
    before.reverse();
    let after = hook::in_order_of_states(Moment::AfterRestore, start.states);
    let Start { endpoint, states, executor, pollers, .. } = start;
    if !executor.has_runtime() && before.iter().chain(&after).any(|hook| hook.is_async) {
        *executor = build(pollers).map_err(|error| Failure { stage: &INIT, error })?;
    }
    let run = |stage: &'static Stage, hooks: &[&Hook]| {
        in_flight::begin(stage);
        for hook in hooks {
            let outcome = hook.run(states, executor, stage.error_type);
            outcome.map_err(|error| Failure { stage, error: error.in_stage(stage, &hook.place()) })?;
        }
        Ok(())
    };
    contain(|| log::info!("SnapStart: running {}", counted(before.len(), "before-snapshot function")));
    run(&BEFORE_SNAPSHOT, &before)?;
    // This client is dropped after the restore, so the first poll opens a connection of its own.
    let restored = Client::new(endpoint, executor, &Ending::default()).restore();
    restored.map_err(|Fatal(why)| {
        let Stage { error_type, title, .. } = BEFORE_SNAPSHOT;
        Failure { stage: &BEFORE_SNAPSHOT, error: Error::runtime(error_type, format!("{title}: {why}")) }
    })?;
    contain(|| log::info!("SnapStart: restored; running {}", counted(after.len(), "after-restore function")));
    run(&AFTER_RESTORE, &after)
}

/// Builds the runtime of a process whose only async functions are hooks.
fn build(pollers: usize) -> Result<Executor, Error> {
    let mut executor = Executor::build()?;
    if pollers > 1 {
        executor.share()?;
    }
    Ok(executor)
}
