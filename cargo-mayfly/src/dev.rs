//! `cargo mayfly dev`.

mod artifact;
mod caller;
mod catalog;
mod changes;
mod environment;
mod function_name;
mod invoke_api;
mod lambda;
mod pool;
mod refusal;
mod server;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

use crate::dev::catalog::Catalog;
use crate::dev::changes::Changes;
use crate::dev::lambda::Lambda;
use crate::interrupt::interrupt;
use crate::opts;
use crate::project::Project;

/// Builds the binaries and serves their handlers until it is interrupted, building again after each change.
///
/// # Errors
/// If the address is not free, or the binaries do not build at first.
pub(crate) fn dev(options: &opts::Dev) -> Result<ExitCode> {
    let runtime = Runtime::new()?;
    let outcome = runtime.block_on(run(Arc::new(options.clone())));
    // A build that goes on is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn run(options: Arc<opts::Dev>) -> Result<ExitCode> {
    let listener = listen(SocketAddr::new(options.address, options.port)).await?;
    let mut changes = Changes::new()?;
    let catalog = tokio::select! {
        catalog = build(&options, Catalog::default(), &mut changes) => Arc::new(catalog?),
        () = interrupt() => bail!("interrupted"),
    };
    announce(listener.local_addr()?, &catalog);
    let lambda = Arc::new(Lambda::new(&options, Arc::clone(&catalog)));
    let outcome = tokio::select! {
        () = server::serve(listener, &lambda) => Ok(ExitCode::SUCCESS),
        error = follow(&options, &lambda, catalog, changes) => Err(error),
        () = interrupt() => Ok(ExitCode::SUCCESS),
    };
    lambda.stop().await;
    outcome
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("port {} of {} is in use; choose another with --port", address.port(), address.ip())
        }
        _ => anyhow::Error::new(error).context(format!("{address} cannot be listened at")),
    })
}

/// Builds at each change. The version before serves meanwhile, and afterwards too if the new one does not build.
async fn follow(
    options: &Arc<opts::Dev>,
    lambda: &Lambda,
    mut catalog: Arc<Catalog>,
    mut changes: Changes,
) -> anyhow::Error {
    loop {
        if let Err(error) = changes.next().await {
            return error;
        }
        match build(options, Catalog::clone(&catalog), &mut changes).await {
            Ok(built) if built == *catalog => {}
            Ok(built) => {
                catalog = Arc::new(built);
                lambda.replace(Arc::clone(&catalog)).await;
                eprintln!("the new version is served now");
            }
            Err(error) => eprintln!("error: {error:#}; the version before goes on"),
        }
    }
}

/// Asks cargo for the project anew and builds it. What its sources are may have changed, too.
async fn build(options: &Arc<opts::Dev>, before: Catalog, changes: &mut Changes) -> Result<Catalog> {
    let project = Project::load()?;
    changes.watch(&project)?;
    let options = Arc::clone(options);
    let building = spawn_blocking(move || Catalog::build(&project, &options.selection, options.release, &before));
    building.await.context("the build broke off")?
}

fn announce(address: SocketAddr, catalog: &Catalog) {
    eprintln!("listening at http://{address}, with the functions");
    let names = catalog.names();
    for name in &names {
        eprintln!("  {name}");
    }
    if let Some(name) = names.first() {
        eprintln!("To invoke one: cargo mayfly invoke {name} --url http://{address} --data '{{}}'");
    }
}
