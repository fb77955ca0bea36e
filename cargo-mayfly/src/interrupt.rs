//! Signals that ask a command to stop early.

/// Waits for SIGINT, SIGHUP, SIGQUIT or SIGTERM.
#[cfg(unix)]
pub(crate) async fn interrupt() {
    use tokio::signal::unix::{SignalKind, signal};

    let kinds = [SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit(), SignalKind::terminate()];
    let [Ok(mut interrupt), Ok(mut hangup), Ok(mut quit), Ok(mut terminate)] = kinds.map(signal) else {
        // Without a signal handler the process is ended by the signal itself.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
        _ = quit.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
