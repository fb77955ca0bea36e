//! The address that callers connect to.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::dev::invoke_api;
use crate::dev::lambda::Lambda;

/// Serves whoever connects, each connection for itself.
pub(crate) async fn serve(listener: TcpListener, lambda: &Arc<Lambda>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(converse(stream, Arc::clone(lambda)))),
            // Such as too many open files: others may be closed meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn converse(stream: TcpStream, lambda: Arc<Lambda>) {
    // Both fail only on a connection that is gone, and then nobody is there to be told.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| invoke_api::serve(&lambda, request));
    // A client may close its side once it has sent all.
    let _ = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(stream), answer).await;
}
