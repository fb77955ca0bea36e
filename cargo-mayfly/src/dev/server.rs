//! The address that callers connect to.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::console::say;
use crate::dev::invoke_api;
use crate::dev::lambda::Lambda;

/// A connection over which nothing is asked for so long is closed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves whoever connects, each connection for itself.
pub(crate) async fn serve(listener: TcpListener, lambda: Arc<Lambda>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(converse(stream, Arc::clone(&lambda)))),
            // Such as too many open files: others may be closed meanwhile.
            Err(error) => {
                say(format_args!("a caller cannot be let in: {error}"));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, lambda: Arc<Lambda>) {
    // Both fail only on a connection that is gone, and then nobody is there to be told.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| invoke_api::serve(&lambda, request));
    // A client may close its side once it has sent all.
    let mut server = http1::Builder::new();
    server.half_close(true).timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
}
