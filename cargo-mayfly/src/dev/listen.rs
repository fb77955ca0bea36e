//! Opens the listeners of the server.

use std::io;
use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::TcpListener;

/// Listens on an address. If its port is in use, the error names the flag that selects another.
pub(crate) async fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("port {} of {} is in use; choose another with {flag}", address.port(), address.ip())
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
    })
}
