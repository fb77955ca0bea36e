//! Serves HTTP on a TCP listener.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{self, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cargo_mayfly::connections::accept;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::console::say;
use crate::dev::response_body::{ResponseBody, Watched, is_streamed};

/// The time after which a connection without a request is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The response to a request. A refused request gets one, too.
pub(crate) type Served = Result<Response<ResponseBody>, Infallible>;

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
    let Ok((stream, handle)) = with_second_handle(stream) else { return };
    let respond = move |request| {
        let (served, handle) = (respond(request), handle.clone());
        async move { served.await.map(|response| response.map(|body| watched(body, handle))) }
    };
    // A client may close its side once it has sent its request.
    let mut server = http1::Builder::new();
    server.half_close(true).timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    let _ = server.serve_connection(TokioIo::new(stream), service_fn(respond)).await;
}

/// Duplicates the handle of a connection, unless too many files are open.
fn with_second_handle(stream: TcpStream) -> io::Result<(TcpStream, Option<Arc<net::TcpStream>>)> {
    let stream = stream.into_std()?;
    let handle = stream.try_clone().ok().map(Arc::new);
    Ok((TcpStream::from_std(stream)?, handle))
}

/// Makes a streamed body fail when its client has gone, which a write would notice only at the next chunk.
fn watched(body: ResponseBody, connection: Option<Arc<net::TcpStream>>) -> ResponseBody {
    match connection.filter(|_| is_streamed(&body)) {
        Some(connection) => Watched::new(body, async move { end(&connection).await }).boxed_unsync(),
        None => body,
    }
}

/// Waits until the client closes the connection, or at least its own side of it.
async fn end(connection: &net::TcpStream) {
    let Ok(Ok(connection)) = connection.try_clone().map(TcpStream::from_std) else { return pending().await };
    // Bytes belong to the next request, and hide the end.
    if connection.peek(&mut [0]).await.is_ok_and(|length| length > 0) {
        pending::<()>().await;
    }
}
