//! What asks a command to end before it is done.

/// Waits for an interrupt from the terminal, for the terminal's end, or to be asked to end.
#[cfg(unix)]
pub(crate) async fn interrupt() {
    use tokio::signal::unix::{SignalKind, signal};

    let kinds = [SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit(), SignalKind::terminate()];
    let [Ok(mut interrupt), Ok(mut hangup), Ok(mut quit), Ok(mut terminate)] = kinds.map(signal) else {
        // Without a handler the process ends by itself, so there is nothing to wait for.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
        _ = quit.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits for an interrupt from the terminal.
#[cfg(not(unix))]
pub(crate) async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
