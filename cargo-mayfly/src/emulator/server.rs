//! The Runtime API on a port of this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use crate::connections::accept;
use crate::emulator::api;
use crate::emulator::configuration::Configuration;
use crate::emulator::invocation::Invocation;
use crate::emulator::outcome::Outcome;
use crate::emulator::pending::PendingInvocation;
use crate::emulator::report::Report;
use crate::emulator::service::Service;
use crate::emulator::state::Phase;

/// The Runtime API alone, for a process that somebody else starts or for a client that speaks by hand.
#[derive(Debug)]
pub struct Emulator {
    service: Arc<Service>,
    address: SocketAddr,
    connections: Arc<Mutex<JoinSet<()>>>,
    accepting: JoinHandle<()>,
    turn: Mutex<()>,
}

impl Emulator {
    /// Serves the API for a function on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(configuration: Configuration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(configuration));
        let connections = Arc::default();
        let accepting = tokio::spawn(listen(listener, Arc::clone(&service), Arc::clone(&connections)));
        Ok(Self { service, address, connections, accepting, turn: Mutex::default() })
    }

    /// What the process must find in `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The configuration of the function.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.service.configuration
    }

    /// Where the process stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.service.state().machine.phase()
    }

    /// Waits until the process stands there.
    pub async fn reaches(&self, phase: Phase) {
        self.service.wait_for(|state| (state.machine.phase() == phase).then_some(())).await;
    }

    /// Sends an event to whoever asks for it, and waits for the outcome. Other callers wait for their turn.
    pub async fn invoke(&self, invocation: Invocation) -> Outcome {
        let _turn = self.turn.lock().await;
        self.submit(invocation).outcome().await
    }

    /// The measures of the last invocation that ended.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.service.report()
    }

    /// Ends the connections of the process that was, and begins again for another one.
    pub async fn restart(&self) {
        self.connections.lock().await.shutdown().await;
        self.service.restart();
    }

    pub(crate) fn submit(&self, invocation: Invocation) -> PendingInvocation<'_> {
        PendingInvocation::new(&self.service, invocation)
    }

    pub(crate) fn service(&self) -> &Service {
        &self.service
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn listen(listener: TcpListener, service: Arc<Service>, connections: Arc<Mutex<JoinSet<()>>>) {
    loop {
        let stream = accept(&listener, |_| {}).await;
        let mut connections = connections.lock().await;
        while connections.try_join_next().is_some() {}
        connections.spawn(serve(stream, Arc::clone(&service)));
    }
}

async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Both fail only on a connection that is gone, and then nobody is there to be told.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| api::serve(&service, request));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
