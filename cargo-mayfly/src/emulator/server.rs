//! [`Emulator`]: the Runtime API on a local port.

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
use crate::emulator::machine::Phase;
use crate::emulator::outcome::Outcome;
use crate::emulator::pending::PendingInvocation;
use crate::emulator::report::Report;
use crate::emulator::service::Service;

/// The Runtime API without a process, for one that is started elsewhere, or for a client that sends requests of its
/// own.
#[derive(Debug)]
pub struct Emulator {
    service: Arc<Service>,
    address: SocketAddr,
    connections: Arc<Mutex<JoinSet<()>>>,
    accepting: JoinHandle<()>,
    turn: Mutex<()>,
}

impl Emulator {
    /// Serves the API of a function on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Returns an error if there is no free port.
    pub async fn start(configuration: Configuration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(configuration));
        let connections = Arc::default();
        let accepting = tokio::spawn(listen(listener, Arc::clone(&service), Arc::clone(&connections)));
        Ok(Self { service, address, connections, accepting, turn: Mutex::default() })
    }

    /// Returns the address for the variable `AWS_LAMBDA_RUNTIME_API` of the process.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the configuration of the function.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.service.configuration
    }

    /// Returns the phase of the process.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.service.state().machine.phase()
    }

    /// Waits until the process reaches a phase.
    pub async fn reaches(&self, phase: Phase) {
        self.service.wait_for(|state| (state.machine.phase() == phase).then_some(())).await;
    }

    /// Delivers an event to the next request for one, and waits for the outcome. Concurrent calls run one after the
    /// other.
    pub async fn invoke(&self, invocation: Invocation) -> Outcome {
        let _turn = self.turn.lock().await;
        let stream = invocation.stream.clone();
        let outcome = self.submit(invocation).outcome().await;
        if let Some(stream) = stream {
            stream.close();
        }
        outcome
    }

    /// Returns the report of the last finished invocation.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.service.report()
    }

    /// Closes the connections of the last process and resets the state for another one.
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
    // Both fail only on a closed connection, where the error concerns no one.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| api::serve(&service, request));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
