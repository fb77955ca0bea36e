//! The handler `mayfly::routes`: all routes of a binary in which no service takes them.

use super::router::Routes;
use crate::error::Error;
use crate::executor::Executor;
use crate::http::built::{ByClone, provides};
use crate::http::parameter::ServiceParameter;
use crate::http::serve::invoke;
use crate::invocation::bounds::Asks;
use crate::invocation::state::{Erased, Store};
use crate::registry::handler::{Description, Handler, Http, Service};
use crate::registry::init::Init;
use crate::registry::path::hash;

const PATH: &str = "mayfly::routes";

/// The service of all routes without layers. It is not in the registry, where it would be in every binary.
pub(crate) static ROUTES: Handler = Handler {
    path_hash: hash(PATH),
    name: None,
    default: false,
    is_async: true,
    describe: || Description {
        path: PATH,
        package: "mayfly",
        file: file!(),
        line: line!(),
        event: None,
        reply: "axum::Router",
        needs: Routes::ask,
        http: Some(&HTTP),
        arounds: None,
        list: None,
        invoke,
    },
};

static HTTP: Http = Http::Service(Service { init: &INIT, is_streamed: false });

/// The init of that service.
pub(crate) static INIT: Init =
    Init { path: PATH, file: file!(), line: line!(), is_async: false, provides, needs: Routes::ask, build };

fn build(states: &Store, _: &Executor) -> Result<Erased, Error> {
    let router = Routes::from_states(states)?.into_router();
    Ok(ByClone::of(&router).keep(router, states))
}
