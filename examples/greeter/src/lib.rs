//! Small handlers, one for each feature of Mayfly.

pub mod api;
pub mod counter;
pub mod fail;

use std::borrow::Cow;

use mayfly::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The event: the name of the person to greet.
#[derive(Debug, Deserialize)]
pub struct Greeting {
    #[serde(default = "everyone")]
    name: String,
}

fn everyone() -> String {
    "World".to_owned()
}

/// The reply: a greeting.
#[derive(Debug, PartialEq, Serialize)]
pub struct Greeted {
    message: String,
}

/// Greets a person.
#[mayfly::handler]
#[expect(clippy::unused_async, reason = "a real handler would await something")]
pub async fn greet(greeting: Greeting) -> Greeted {
    log::debug!("greeting {}", greeting.name);
    greet_sync(greeting)
}

/// Greets a person without async code. A process that runs this handler has no tokio runtime.
#[mayfly::handler]
pub fn greet_sync(greeting: Greeting) -> Greeted {
    Greeted { message: format!("Hello, {}!", greeting.name) }
}

/// The event: a text that borrows from the payload unless it has escapes.
#[derive(Debug, Deserialize)]
pub struct Shout<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Returns the text in upper case.
#[mayfly::handler]
pub fn shout(shout: Shout<'_>) -> String {
    shout.text.to_uppercase()
}

/// Returns the event unchanged.
#[mayfly::handler]
pub fn echo(event: Value) -> Value {
    event
}

/// Returns everything that Lambda states about the invocation.
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
