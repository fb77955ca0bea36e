//! The list of the handlers, inits, hooks and around functions in this binary, which `MAYFLY_LIST=json` prints for the
//! tools.

use super::all;
use super::around::Around;
#[cfg(feature = "axum")]
use super::chosen::Chosen;
#[cfg(feature = "http")]
use super::handler::Http;
use super::handler::{Description, Handler};
use super::hook::{self, Hook, Moment};
use super::init::{self, Init};
use super::needs::states;
use super::path::in_order;
#[cfg(feature = "axum")]
use super::routes;
use crate::around::list::Arounds;
use crate::around::named::Named;
use crate::batch::source::Source;
use crate::invocation::state::Needs;
use crate::json::Json;

/// Returns the registry as one JSON object, with the functions around every invocation of the process. The version
/// comes first, so that a tool which cannot read the rest can still report the version.
pub(crate) fn registry(arounds: Option<Arounds>) -> String {
    let mut json = Json::default();
    json.object(|json| {
        json.key("mayfly").text(env!("CARGO_PKG_VERSION"));
        json.key("handlers").array(|json| all::sorted().into_iter().for_each(|handler| write_handler(json, handler)));
        json.key("inits").array(|json| init::sorted().into_iter().for_each(|init| write_init(json, init)));
        if let Some(hooks) = hook::machinery() {
            json.key("hooks").array(hooks.list);
        }
        if let Some(around) = inventory::iter::<Around>().next() {
            json.key("arounds").array(around.list);
        }
        if let Some(arounds) = arounds {
            write_names(json, arounds);
        }
    });
    json.into_text()
}

fn write_handler(json: &mut Json, handler: &Handler) {
    let description = (handler.describe)();
    let Description { file, line, event, reply, needs, list, .. } = description;
    json.object(|json| {
        json.key("alias").text_or_null(handler.alias().as_deref());
        json.key("async").plain(&is_async_fn(handler));
        json.key("default").plain(&handler.default);
        json.key("event").text_or_null(event);
        json.key("file").text(file);
        json.key("line").plain(&line);
        json.key("name").text_or_null(handler.name);
        write_needs(json, needs);
        json.key("path").text(&handler.path());
        json.key("reply").text(reply);
        #[cfg(feature = "http")]
        if let Some(http) = description.http {
            write_http(json, http);
        }
        if let Some(list) = list {
            list(&description, json);
        }
    });
}

/// Writes the members of a batch.
pub fn list_batch(json: &mut Json, source: Source, concurrency: usize) {
    json.key("batch").text(source.name());
    json.key("concurrency").plain(&concurrency);
    if cfg!(panic = "abort") {
        json.key("panic").text("abort");
    }
}

/// Writes the functions around a handler.
pub fn list_around(description: &Description, json: &mut Json) {
    if let Some(arounds) = description.arounds {
        write_names(json, arounds());
    }
}

/// Writes the member `around`: the paths of the functions of a list, the outermost first.
fn write_names(json: &mut Json, arounds: Arounds) {
    json.key("around").array(|json| {
        for Named { id, name } in arounds.named() {
            let around = inventory::iter::<Around>().find(|around| (around.id)() == id());
            json.text(&around.map_or_else(|| name().to_owned(), Around::path));
        }
    });
}

/// Writes all around functions of the binary, whether a list names them or not.
pub fn list_arounds(json: &mut Json) {
    for around in in_order(inventory::iter::<Around>(), |around| (around.path(), around.file, around.line)) {
        json.object(|json| {
            json.key("async").plain(&around.is_async());
            json.key("file").text(around.file);
            json.key("line").plain(&around.line);
            write_needs(json, around.needs);
            json.key("path").text(&around.path());
        });
    }
}

/// Returns whether the function of a handler is an `async fn`. Services and routes run asynchronously in either case.
fn is_async_fn(handler: &Handler) -> bool {
    #[cfg(feature = "http")]
    match (handler.describe)().http {
        Some(Http::Service(service)) => return service.init.is_async,
        #[cfg(feature = "axum")]
        Some(Http::Route(route)) => return route.is_async,
        None => {}
    }
    handler.is_async
}

/// Writes the members of a service or of a route.
#[cfg(feature = "http")]
fn write_http(json: &mut Json, http: &Http) {
    match http {
        Http::Service(service) => {
            json.key("service").plain(&true);
            write_stream(json, service.is_streamed);
        }
        #[cfg(feature = "axum")]
        Http::Route(route) => {
            json.key("methods").array(|json| route.methods.iter().for_each(|method| json.text(method)));
            json.key("pattern").text(route.pattern);
            write_stream(json, routes::are_streamed());
        }
    }
}

/// Writes the member `stream` if the responses are streamed.
#[cfg(feature = "http")]
fn write_stream(json: &mut Json, is_streamed: bool) {
    if is_streamed {
        json.key("stream").plain(&true);
    }
}

fn write_init(json: &mut Json, init: &Init) {
    json.object(|json| {
        json.key("async").plain(&init.is_async);
        json.key("file").text(init.file);
        json.key("line").plain(&init.line);
        write_needs(json, init.needs);
        json.key("path").text(&init.path());
        json.key("provides").text((init.provides)().name);
    });
}

/// Writes the hooks of a binary that has some.
pub(crate) fn write_hooks(json: &mut Json) {
    for moment in [Moment::BeforeSnapshot, Moment::AfterRestore, Moment::Shutdown] {
        for hook in hook::of(moment) {
            write_hook(json, hook);
        }
    }
}

fn write_hook(json: &mut Json, hook: &Hook) {
    json.object(|json| {
        json.key("async").plain(&hook.is_async);
        json.key("attribute").text(hook.moment.attribute());
        json.key("file").text(hook.file);
        json.key("line").plain(&hook.line);
        write_needs(json, hook.needs);
        json.key("path").text(&hook.path());
    });
}

/// Writes the member `needs`, the member `routes` if the function takes those of the binary, and the member `problem` if
/// the user's `needs` panics.
fn write_needs(json: &mut Json, needs: fn(&mut Needs)) {
    let states = states(needs);
    let states_only = states.iter().flatten();
    #[cfg(feature = "axum")]
    let states_only = states_only.filter(|state| **state != Chosen::state_type());
    json.key("needs").array(|json| states_only.for_each(|state| json.text(state.name)));
    #[cfg(feature = "axum")]
    if states.iter().flatten().any(|state| *state == Chosen::state_type()) {
        json.key("routes").plain(&true);
    }
    if let Err(error) = states {
        json.key("problem").text(&format!("the `needs` of a parameter panicked: {error}"));
    }
}
