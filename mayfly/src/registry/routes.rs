//! The routes of the binary, and the service through which a process serves them.

use super::chosen::Chosen;
use super::conflicts;
use super::handler::{self, Handler, Http, Service};
use super::init::Init;
use super::needs::states;
use crate::error::Error;
use crate::http::routes::bare;
use crate::invocation::state::init_error;

/// The parts of a process that serves HTTP requests.
pub(crate) struct Served {
    /// The init that builds the service.
    pub(crate) init: &'static Init,
    /// The handlers whose states are needed beside those of the selected one.
    pub(crate) others: Vec<&'static Handler>,
    /// The routes, if the service takes them.
    pub(crate) routes: Option<Vec<&'static Handler>>,
    /// The selected handler is a route, and none of the binary's services takes routes.
    pub(crate) is_without_layers: bool,
}

/// Returns the parts of a process that runs a service or a route. Fails if axum could not tell two routes apart, or if
/// two services take routes.
pub(crate) fn served(handler: &'static Handler, http: &'static Http) -> Result<Served, Error> {
    match http {
        Http::Service(Service { init, .. }) if takes_routes(handler) => {
            taker()?;
            let routes: Vec<_> = all().collect();
            conflicts::check(&routes)?;
            Ok(Served { init, others: routes.clone(), routes: Some(routes), is_without_layers: false })
        }
        Http::Service(Service { init, .. }) => {
            Ok(Served { init, others: Vec::new(), routes: None, is_without_layers: false })
        }
        Http::Route(_) => {
            let (service, init) =
                taker()?.map_or((&bare::ROUTES, &bare::INIT), |(handler, service)| (handler, service.init));
            let is_without_layers = std::ptr::eq(init, &raw const bare::INIT) && services().next().is_some();
            Ok(Served { init, others: vec![service], routes: Some(vec![handler]), is_without_layers })
        }
    }
}

/// Returns the service through which a route runs; a handler that is no route as it is.
pub(crate) fn service_of(handler: &'static Handler) -> Result<&'static Handler, Error> {
    if handler.route().is_none() {
        return Ok(handler);
    }
    Ok(taker()?.map_or(handler, |(service, _)| service))
}

/// Returns `mayfly::routes`, which serves all routes of the binary, if there are any and no service takes them.
pub(crate) fn built_in() -> Option<&'static Handler> {
    (all().next().is_some() && takers().next().is_none()).then_some(&bare::ROUTES)
}

/// Reports whether a service takes the routes of the binary.
pub(crate) fn takes_routes(service: &Handler) -> bool {
    // A panic of the user's `needs` is reported where the states are planned.
    states((service.describe)().needs).is_ok_and(|states| states.contains(&Chosen::state_type()))
}

/// Returns whether the responses of a route are streamed, by the service that takes it.
pub(crate) fn are_streamed() -> bool {
    takers().any(|(_, service)| service.is_streamed)
}

/// Iterates over the routes of the binary, in no particular order.
fn all() -> impl Iterator<Item = &'static Handler> {
    handler::all().filter(|handler| handler.route().is_some())
}

fn services() -> impl Iterator<Item = (&'static Handler, &'static Service)> {
    handler::all().filter_map(|handler| match (handler.describe)().http? {
        Http::Service(service) => Some((handler, service)),
        Http::Route(_) => None,
    })
}

fn takers() -> impl Iterator<Item = (&'static Handler, &'static Service)> {
    services().filter(|(service, _)| takes_routes(service))
}

/// Returns the service that takes the routes of the binary, if any does.
fn taker() -> Result<Option<(&'static Handler, &'static Service)>, Error> {
    let mut takers = takers();
    match (takers.next(), takers.next()) {
        (Some((first, _)), Some((second, _))) => Err(two_takers(first, second)),
        (taker, _) => Ok(taker),
    }
}

#[cold]
fn two_takers(first: &Handler, second: &Handler) -> Error {
    let mut services = [first, second].map(|service| format!("`{}` ({})", service.path(), service.place()));
    services.sort_unstable();
    let [first, second] = services;
    init_error(format_args!(
        "two services take `Routes`: {first} and {second}; let one of them take the routes of the binary"
    ))
}
