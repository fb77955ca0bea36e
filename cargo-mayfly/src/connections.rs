//! Connections that come to a port of this machine.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How long a listener rests where the system lets no connection in.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for a connection.
///
/// Where the system lets none in, as with too many open files, others may be closed meanwhile: it is asked again and
/// again, with pauses, and `refused` is told of it once.
pub async fn accept(listener: &TcpListener, refused: impl Fn(&io::Error)) -> TcpStream {
    let mut is_told = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !is_told {
                    refused(&error);
                }
                is_told = true;
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether a connection went away before it was let in, which says nothing of the next one.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}
