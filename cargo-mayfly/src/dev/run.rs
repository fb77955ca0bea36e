//! Serves the handlers of the selected binaries, and rebuilds them after changes.

use std::borrow::Cow;
use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::task::spawn_blocking;

use crate::console::say;
use crate::dev::api::invoke_api;
use crate::dev::builds::catalog::Catalog;
use crate::dev::builds::changes::Changes;
use crate::dev::builds::sources::Sources;
use crate::dev::fleet::lambda::Lambda;
use crate::dev::http::entrance::Entrance;
use crate::dev::listen::listen;
use crate::dev::server;
use crate::interrupt::interrupt;
use crate::opts;
use crate::project::link_directory;
use crate::project::metadata::Project;

/// Builds the binaries and serves their handlers until it is interrupted. Builds again after each change.
pub(crate) fn dev(options: &opts::Dev) -> Result<ExitCode> {
    let project = Project::load(&options.compilation.cargo.manifest)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(run(Arc::new(options.clone())));
    // Does not wait for a running build.
    runtime.shutdown_background();
    link_directory::clear(&project);
    outcome
}

async fn run(options: Arc<opts::Dev>) -> Result<ExitCode> {
    let listener = listen(SocketAddr::new(options.address, options.port), "--port").await?;
    let address = listener.local_addr()?;
    let mut changes = Changes::new()?;
    let catalog = tokio::select! {
        catalog = build(&options, Catalog::default(), &mut changes) => Arc::new(catalog?),
        () = interrupt() => bail!("interrupted"),
    };
    let lambda = Arc::new(Lambda::new(&options, Arc::clone(&catalog)));
    let mut entrance = Entrance::new(SocketAddr::new(options.address, options.http_port), Arc::clone(&lambda));
    let invoked = Arc::clone(&lambda);
    let serving = tokio::spawn(server::serve(listener, move |request, _| {
        let lambda = Arc::clone(&invoked);
        invoke_api::serve(lambda, request)
    }));
    let following = async {
        announce(address, &catalog);
        match entrance.update(&catalog).await {
            Ok(()) => follow(&options, &lambda, &mut entrance, catalog, changes).await,
            Err(error) => error,
        }
    };
    let outcome = tokio::select! {
        biased; // Handles interrupts before it prints that Ctrl-C stops it.
        () = interrupt() => Ok(ExitCode::SUCCESS),
        error = following => Err(error),
    };
    serving.abort();
    tokio::select! {
        () = lambda.stop() => outcome,
        () = interrupt() => bail!("interrupted twice: processes of functions may still be running"),
    }
}

/// Builds after each change. The previous build serves meanwhile, and afterwards if the new one fails.
async fn follow(
    options: &Arc<opts::Dev>,
    lambda: &Lambda,
    entrance: &mut Entrance,
    mut catalog: Arc<Catalog>,
    mut changes: Changes,
) -> anyhow::Error {
    loop {
        match changes.next().await {
            Ok(file) => say(format_args!("changed: {}", shown(&file))),
            Err(error) => return error,
        }
        match build(options, Catalog::clone(&catalog), &mut changes).await {
            Ok(built) => {
                let is_new = built != *catalog;
                catalog = Arc::new(built);
                if is_new {
                    lambda.replace(Arc::clone(&catalog)).await;
                    say(format_args!("serving the new build"));
                    if let Err(error) = entrance.update(&catalog).await {
                        say(format_args!("error: {error:#}; HTTP functions are not served"));
                    }
                }
            }
            Err(error) => say(format_args!("error: {error:#}; still serving the previous build")),
        }
    }
}

/// Builds, and records the files that the build depends on.
async fn build(options: &Arc<opts::Dev>, before: Catalog, changes: &mut Changes) -> Result<Catalog> {
    changes.begin();
    let built = load_and_build(options, before, changes).await;
    changes.end(built.is_ok())?;
    built
}

/// Loads the project again, since its set of sources may have changed, and builds it.
async fn load_and_build(options: &Arc<opts::Dev>, before: Catalog, changes: &mut Changes) -> Result<Catalog> {
    let read = before.read.clone();
    let load = move |options: &opts::Dev| {
        let project = Project::load(&options.compilation.cargo.manifest)?;
        let sources = Sources::of(&project, read);
        Ok((project, sources))
    };
    let (project, sources) = run_blocking(options, load).await?;
    changes.learn(sources)?;
    let build = move |options: &opts::Dev| {
        let catalog = Catalog::build(&project, &options.selection, &options.compilation, &before)?;
        let sources = Sources::of(&project, catalog.read.clone());
        Ok((catalog, sources))
    };
    let (catalog, sources) = run_blocking(options, build).await?;
    changes.learn(sources)?;
    Ok(catalog)
}

/// Runs blocking work in a thread of its own.
async fn run_blocking<T: Send + 'static>(
    options: &Arc<opts::Dev>,
    work: impl FnOnce(&opts::Dev) -> Result<T> + Send + 'static,
) -> Result<T> {
    let options = Arc::clone(options);
    spawn_blocking(move || work(&options)).await.context("the build was aborted")?
}

/// Shows a file relative to the current folder.
fn shown(file: &Path) -> Cow<'_, str> {
    let here = env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).to_string_lossy()
}

fn announce(address: SocketAddr, catalog: &Catalog) {
    say(format_args!("listening on http://{address}, serving these functions:"));
    let names = catalog.names();
    for name in &names {
        say(format_args!("  {name}"));
    }
    if let Some(name) = names.first() {
        say(format_args!("Changed sources are rebuilt; Ctrl-C stops the server."));
        let input = if catalog.takes_requests(name) { "--request 'GET /'" } else { "--data '{}'" };
        say(format_args!("To invoke a function: cargo mayfly invoke {name} --url http://{address} {input}"));
    }
}
