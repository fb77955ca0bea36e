//! `MAYFLY_LIST=json`: what this binary has, for the tools.

use crate::invocation::state::{self, Needs, Provider};
use crate::json::Json;
use crate::registry::handler::{self, Description, Handler};

/// The whole registry as one JSON object.
pub(crate) fn registry() -> String {
    let mut json = Json::default();
    json.open(b'{');
    json.key("handlers").open(b'[');
    for it in handler::sorted() {
        handler(&mut json, it);
    }
    json.close(b']');
    json.key("inits").open(b'[');
    for it in state::providers() {
        provider(&mut json, it);
    }
    json.close(b']');
    json.key("mayfly").text(env!("CARGO_PKG_VERSION"));
    json.close(b'}');
    json.into_text()
}

fn handler(json: &mut Json, handler: &Handler) {
    let Description { file, line, event, reply, needs, .. } = (handler.describe)();
    json.open(b'{');
    json.key("alias").text_or_null(handler.alias().as_deref());
    json.key("async").plain(&handler.is_async);
    json.key("default").plain(&handler.default);
    json.key("event").text_or_null(event);
    json.key("file").text(file);
    json.key("line").plain(&line);
    json.key("name").text_or_null(handler.name);
    states(json, needs);
    json.key("path").text(&handler.path());
    json.key("reply").text(reply);
    json.close(b'}');
}

fn provider(json: &mut Json, provider: &Provider) {
    json.open(b'{');
    json.key("async").plain(&provider.is_async);
    json.key("file").text(provider.file);
    json.key("line").plain(&provider.line);
    states(json, provider.needs);
    json.key("path").text(&provider.path());
    json.key("provides").text((provider.provides)().name);
    json.close(b'}');
}

/// Writes the member `needs`, and `problem` where they cannot be told.
fn states(json: &mut Json, needs: fn(&mut Needs)) {
    let asked = Needs::of(needs);
    json.key("needs").open(b'[');
    for state in asked.iter().flatten() {
        json.text(state.name);
    }
    json.close(b']');
    if let Err(error) = asked {
        json.key("problem").text(&format!("the `needs` of a parameter panicked: {error}"));
    }
}
