//! Serves the Invoke API on a TCP listener.

use std::sync::Arc;
use std::time::Duration;

use cargo_mayfly::connections::accept;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::console::say;
use crate::dev::api::invoke_api;
use crate::dev::fleet::lambda::Lambda;

/// The time after which a connection without a request is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Accepts connections and serves each in a task of its own.
pub(crate) async fn serve(listener: TcpListener, lambda: Arc<Lambda>) {
    loop {
        let stream = accept(&listener, |error| say(format_args!("no connections can be accepted: {error}"))).await;
        tokio::spawn(serve_connection(stream, Arc::clone(&lambda)));
    }
}

async fn serve_connection(stream: TcpStream, lambda: Arc<Lambda>) {
    // Both fail only on a closed connection, where the error concerns no one.
    let _ = stream.set_nodelay(true);
    let response = service_fn(|request| invoke_api::serve(&lambda, request));
    // A client may close its side once it has sent its request.
    let mut server = http1::Builder::new();
    server.half_close(true).timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    let _ = server.serve_connection(TokioIo::new(stream), response).await;
}
