//! [`Entrance`]: the address at which browsers reach the HTTP functions.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::console::say;
use crate::dev::builds::catalog::Catalog;
use crate::dev::fleet::lambda::Lambda;
use crate::dev::http::directory::Directory;
use crate::dev::http::gateway::Gateway;
use crate::dev::listen::listen;
use crate::dev::server;

/// The address of the HTTP functions. Nothing listens on it before a build has such functions.
#[derive(Debug)]
pub(crate) struct Entrance {
    wanted: SocketAddr,
    lambda: Arc<Lambda>,
    bound: Option<SocketAddr>,
    shown: Directory,
    /// The task that serves; it is aborted on drop.
    serving: JoinSet<()>,
}

impl Entrance {
    /// Creates an entrance that will listen on this address.
    pub(crate) fn new(wanted: SocketAddr, lambda: Arc<Lambda>) -> Self {
        Self { wanted, lambda, bound: None, shown: Directory::default(), serving: JoinSet::new() }
    }

    /// Listens as soon as a build has HTTP functions, and prints their addresses if they have changed.
    pub(crate) async fn update(&mut self, catalog: &Catalog) -> Result<()> {
        let directory = Directory::of(catalog);
        if directory == self.shown {
            return Ok(());
        }
        let address = match self.bound {
            Some(address) => address,
            None => self.open().await?,
        };
        if !directory.is_empty() {
            say(format_args!("HTTP functions, to open in a browser:"));
        }
        for (path, function) in directory.pages() {
            say(format_args!("  http://{address}{path} serves {function}"));
        }
        self.shown = directory;
        Ok(())
    }

    async fn open(&mut self) -> Result<SocketAddr> {
        let listener = listen(self.wanted, "--http-port").await?;
        let address = listener.local_addr()?;
        let gateway = Arc::new(Gateway { address, lambda: Arc::clone(&self.lambda) });
        self.serving.spawn(server::serve(listener, move |request, client| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.serve(request, client.ip()).await }
        }));
        self.bound = Some(address);
        Ok(address)
    }
}
