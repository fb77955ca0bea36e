//! Accepts TCP connections.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The pause after a failure of the listener, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for a connection.
///
/// While the system accepts none, for example because too many files are open, this retries after a pause and calls
/// `refused` once.
pub async fn accept(listener: &TcpListener, refused: impl Fn(&io::Error)) -> TcpStream {
    let mut is_reported = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !is_reported {
                    refused(&error);
                }
                is_reported = true;
                sleep(PAUSE).await;
            }
        }
    }
}

/// Returns whether the error concerns one connection only, which was closed before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}
