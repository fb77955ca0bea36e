//! One small handler for each thing that a handler can do.

pub mod api;
pub mod counter;
pub mod fail;

use std::borrow::Cow;

use mayfly::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whom to greet.
#[derive(Debug, Deserialize)]
pub struct Greeting {
    #[serde(default = "everyone")]
    name: String,
}

fn everyone() -> String {
    "World".to_owned()
}

/// The greeting.
#[derive(Debug, PartialEq, Serialize)]
pub struct Greeted {
    message: String,
}

/// Greets somebody.
#[mayfly::handler]
#[expect(clippy::unused_async, reason = "a real one would wait for something")]
pub async fn greet(greeting: Greeting) -> Greeted {
    log::debug!("greeting {}", greeting.name);
    greet_sync(greeting)
}

/// Greets somebody without async code: in a process that runs this one there is no tokio runtime.
#[mayfly::handler]
pub fn greet_sync(greeting: Greeting) -> Greeted {
    Greeted { message: format!("Hello, {}!", greeting.name) }
}

/// A text that is borrowed from the payload, unless it has escapes.
#[derive(Debug, Deserialize)]
pub struct Shout<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Replies in upper case.
#[mayfly::handler]
pub fn shout(shout: Shout<'_>) -> String {
    shout.text.to_uppercase()
}

/// Replies with the event itself.
#[mayfly::handler]
pub fn echo(event: Value) -> Value {
    event
}

/// Replies with all that Lambda says of the invocation.
#[mayfly::handler]
pub fn inspect(event: Value, context: Context) -> Value {
    json!({
        "event": event,
        "requestId": context.request_id,
        "functionArn": context.function_arn,
        "functionName": context.function.name,
        "memoryMb": context.function.memory_mb,
        "remainingMs": context.remaining_time().map(|left| left.as_millis()),
        "traceId": context.trace_id,
        "tenantId": context.tenant_id,
        "clientContext": context.client_context,
        "identity": context.identity.map(|identity| json!({
            "identityId": identity.identity_id,
            "identityPoolId": identity.identity_pool_id,
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_are_ordinary_functions() {
        let ada = Greeting { name: "Ada".to_owned() };
        assert_eq!(greet_sync(ada), Greeted { message: "Hello, Ada!".to_owned() });
        assert_eq!(shout(Shout { text: "quiet".into() }), "QUIET");
    }
}
