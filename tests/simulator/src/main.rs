//! Runs the fixture `hooks` under `lambda-simulator`, which keeps the Runtime API and the Extensions API and stops the
//! process between two invocations: `cargo run -- PATH_OF_HOOKS`.

use std::error::Error;
use std::time::Duration;
use std::{env, fs};

use lambda_simulator::process::{ManagedProcess, ProcessConfig, ProcessRole};
use lambda_simulator::{FreezeMode, InvocationStatus, Simulator};
use serde_json::json;

type Outcome = Result<(), Box<dyn Error>>;

/// Enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Outcome {
    let hooks = env::args_os().nth(1).ok_or("name the binary of the fixture `hooks`")?;
    let simulator = Simulator::builder().freeze_mode(FreezeMode::Process).build().await?;
    let config = ProcessConfig::new(hooks, ProcessRole::Runtime).env("_HANDLER", "hooks::quick").inherit_stdio(false);
    let function = simulator.spawn_process_with_config(config)?;
    the_extension_is_registered(&simulator).await?;
    println!("ok   lambda-simulator: the extension is registered");
    the_process_is_frozen_between_invocations(&simulator, &function).await?;
    println!("ok   lambda-simulator: the process is frozen between invocations\n2 passed, 0 failed");
    Ok(())
}

/// One extension is registered, under the name `mayfly` and for no event, and it asks for its first event, which ends
/// its init.
async fn the_extension_is_registered(simulator: &Simulator) -> Outcome {
    simulator.wait_for(|| async { simulator.extension_count().await > 0 }, PATIENCE).await?;
    let extensions = simulator.get_registered_extensions().await;
    let [extension] = &extensions[..] else { return Err(format!("several extensions: {extensions:?}").into()) };
    if extension.name != "mayfly" || !extension.events.is_empty() {
        return Err(format!("another extension: {extension:?}").into());
    }
    let has_polled = || async { simulator.first_next_poll_at(&extension.id).await.is_some() };
    Ok(simulator.wait_for(has_polled, PATIENCE).await?)
}

/// The process replies, is stopped, and replies again. Its open poll of the extension does not keep it running.
async fn the_process_is_frozen_between_invocations(simulator: &Simulator, function: &ManagedProcess) -> Outcome {
    for number in 1..=3 {
        let id = simulator.enqueue_payload(json!(number)).await;
        let state = simulator.wait_for_invocation_complete(&id, PATIENCE).await?;
        if state.status != InvocationStatus::Success
            || state.response.as_ref().map(|response| &response.payload) != Some(&json!(number))
        {
            return Err(format!("the reply to {number} is lost: {state:?}").into());
        }
        simulator.wait_for_frozen(PATIENCE).await?;
        let status = format!("/proc/{}/status", function.pid());
        let is_stopped = || async { fs::read_to_string(&status).is_ok_and(|status| status.contains("(stopped)")) };
        simulator.wait_for(is_stopped, PATIENCE).await?;
    }
    Ok(())
}
