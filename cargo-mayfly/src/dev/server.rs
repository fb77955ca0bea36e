//! Serves HTTP on a TCP listener.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cargo_mayfly::connections::accept;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::console::say;

/// The time after which a connection without a request is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The response to a request. A refused request gets one, too.
pub(crate) type Served = Result<Response<Full<Bytes>>, Infallible>;

/// Accepts connections and serves each in a task of its own. `respond` also gets the address of the client.
pub(crate) async fn serve<R: Future<Output = Served> + Send>(
    listener: TcpListener,
    respond: impl Fn(Request<Incoming>, SocketAddr) -> R + Clone + Send + 'static,
) {
    loop {
        let stream = accept(&listener, |error| say(format_args!("no connections can be accepted: {error}"))).await;
        // It fails only on a closed connection.
        let Ok(client) = stream.peer_addr() else { continue };
        let respond = respond.clone();
        tokio::spawn(async move { serve_connection(stream, move |request| respond(request, client)).await });
    }
}

async fn serve_connection<R: Future<Output = Served>>(stream: TcpStream, respond: impl Fn(Request<Incoming>) -> R) {
    // Both fail only on a closed connection, where the error concerns no one.
    let _ = stream.set_nodelay(true);
    // A client may close its side once it has sent its request.
    let mut server = http1::Builder::new();
    server.half_close(true).timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    let _ = server.serve_connection(TokioIo::new(stream), service_fn(respond)).await;
}
