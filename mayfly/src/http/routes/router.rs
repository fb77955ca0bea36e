//! `Routes`: the routes of the binary, as a service takes them.

use std::mem;

use axum::Router;
use axum::routing::{MethodFilter, on};

use super::endpoint::Endpoint;
use crate::error::Error;
use crate::http::parameter::ServiceParameter;
use crate::invocation::bounds::Asks;
use crate::invocation::state::{Needs, Store};
use crate::registry::chosen::Chosen;
use crate::registry::handler::Handler;
use crate::registry::route::Route;

/// The routes of the binary: all functions under [`#[mayfly::get]`](macro@crate::get) and the like.
///
/// A function under [`#[mayfly::service]`](macro@crate::service) takes them and adds its layers. Where Lambda's
/// **Handler** setting names the service, they are all routes; where it names a route, they are that route alone, which
/// so runs behind the same layers. At most one service of a binary takes them.
///
/// ```
/// use axum::Router;
/// use axum::extract::{Path, Request};
/// use axum::http::StatusCode;
/// use axum::middleware::{self, Next};
/// use axum::response::Response;
/// use mayfly::Routes;
///
/// #[mayfly::get("/orders/{id}")]
/// async fn order(Path(id): Path<u64>) -> String {
///     format!("order {id}")
/// }
///
/// #[mayfly::get("/admin/orders")]
/// async fn all_orders() -> &'static str {
///     "all orders"
/// }
///
/// #[mayfly::service]
/// fn api(mut routes: Routes) -> Router {
///     let admin = routes.under("/admin").into_router().layer(middleware::from_fn(only_admins));
///     admin.merge(routes.into_router()) // in this order: axum keeps the 404 of the router that is merged in
/// }
///
/// async fn only_admins(request: Request, next: Next) -> Result<Response, StatusCode> {
///     if request.headers().contains_key("x-admin") { Ok(next.run(request).await) } else { Err(StatusCode::FORBIDDEN) }
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Routes(Vec<&'static Handler>);

impl Routes {
    /// Makes an axum router of them. To merge it into a router with a state of axum's, call `.with_state(())` on it.
    pub fn into_router(self) -> Router {
        self.0
            .into_iter()
            .filter_map(|handler| Some((handler, handler.route()?)))
            .fold(Router::new(), |router, (handler, route)| {
                router.route(route.pattern, on(filter(route), Endpoint::new(handler, route)))
            })
    }

    /// Takes those out whose pattern is `prefix` or begins with `prefix` and a `/`, for layers of their own. Their
    /// patterns stay whole: merge the router of these routes into that of the others, do not nest it.
    #[must_use]
    pub fn under(&mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        let is_under = |route: &Route| {
            route.pattern.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let (under, others) =
            mem::take(&mut self.0).into_iter().partition(|handler| handler.route().is_some_and(is_under));
        self.0 = others;
        Self(under)
    }
}

impl ServiceParameter for Routes {
    fn from_states(states: &Store) -> Result<Self, Error> {
        let Chosen(routes) = states.get::<Chosen>()?.0;
        Ok(Self(routes.clone()))
    }
}

impl Asks for Routes {
    fn ask(needs: &mut Needs) {
        needs.state::<Chosen>();
    }
}

/// Returns the methods of a route as axum takes them.
fn filter(route: &Route) -> MethodFilter {
    let filter = |method: &&str| match *method {
        "CONNECT" => MethodFilter::CONNECT,
        "DELETE" => MethodFilter::DELETE,
        "HEAD" => MethodFilter::HEAD,
        "OPTIONS" => MethodFilter::OPTIONS,
        "PATCH" => MethodFilter::PATCH,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "TRACE" => MethodFilter::TRACE,
        _ => MethodFilter::GET,
    };
    route.methods.iter().map(filter).reduce(MethodFilter::or).unwrap_or(MethodFilter::GET)
}
