//! `MAYFLY_LIST=json`: what this binary has, for the tools.

use serde_json::{Value, json};

use crate::registry::{self, Handler};
use crate::state::{self, Needs, Provider};

/// The whole registry as one JSON object.
pub(crate) fn registry() -> Value {
    json!({
        "mayfly": env!("CARGO_PKG_VERSION"),
        "handlers": registry::sorted().into_iter().map(handler).collect::<Vec<_>>(),
        "inits": state::providers().into_iter().map(provider).collect::<Vec<_>>(),
    })
}

fn handler(handler: &Handler) -> Value {
    let description = (handler.describe)();
    json!({
        "path": handler.path(),
        "alias": handler.alias(),
        "name": handler.name,
        "default": handler.default,
        "async": handler.is_async,
        "file": description.file,
        "line": description.line,
        "event": description.event,
        "reply": description.reply,
        "needs": needs(description.needs),
    })
}

fn provider(provider: &Provider) -> Value {
    json!({
        "path": provider.path(),
        "async": provider.is_async,
        "file": provider.file,
        "line": provider.line,
        "provides": (provider.provides)().name,
        "needs": needs(provider.needs),
    })
}

fn needs(needs: fn(&mut Needs)) -> Vec<&'static str> {
    Needs::of(needs).into_iter().map(|state| state.name).collect()
}
