//! The address that callers connect to.

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

/// A connection over which nothing is asked for so long is closed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves whoever connects, each connection for itself.
pub(crate) async fn serve(listener: TcpListener, lambda: Arc<Lambda>) {
    loop {
        let stream = accept(&listener, |error| say(format_args!("callers cannot be let in: {error}"))).await;
        tokio::spawn(converse(stream, Arc::clone(&lambda)));
    }
}

async fn converse(stream: TcpStream, lambda: Arc<Lambda>) {
    // Both fail only on a connection that is gone, and then nobody is there to be told.
    let _ = stream.set_nodelay(true);
    let response = service_fn(|request| invoke_api::serve(&lambda, request));
    // A client may close its side once it has sent all.
    let mut server = http1::Builder::new();
    server.half_close(true).timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let _ = server.serve_connection(TokioIo::new(stream), response).await;
}
