//! `Source`: everything that an event says beside the request.

use std::convert::Infallible;

use http::{Request, Response};
use mayfly::http::{Body, Source};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::events::{alb, function_url, http_api, lattice, rest_api, websocket};

/// Replies with everything that the source of the request has.
#[mayfly::service(name = "inspect")]
fn inspect() -> tower::util::BoxCloneService<Request<Body>, Response<Body>, Infallible> {
    tower::service_fn(|request: Request<Body>| async move {
        let source = request.extensions().get::<Source>().expect("every request has a source");
        let seen = json!({
            "context": source.request_context::<Value>().ok(),
            "path_parameters": source.path_parameters::<Value>().ok(),
            "stage_variables": source.stage_variables::<Value>().ok(),
            "full_path": source.full_path(),
            "event": source.event::<Value>().ok(),
            "request_id": source.context().request_id,
            "debug": format!("{source:?}"),
        });
        Ok(Response::new(Body::from(seen.to_string())))
    })
    .boxed_clone()
}

fn inspected(event: &Value) -> Value {
    let reply = mayfly::testing::invoke("inspect").event(event).run().expect("inspect does not fail").json::<Value>();
    serde_json::from_str(reply["body"].as_str().expect("the reply has a body")).expect("it is JSON")
}

/// Case 26.
#[test]
fn contexts_of_authorizers_are_read_without_loss() {
    let authorizer = json!({
        "jwt": { "claims": { "sub": "1", "exp": "1795546847" }, "scopes": null },
        "lambda": { "number": 18_446_744_073_709_551_615_u64, "negative": -7, "fraction": 0.1, "nested": { "list": [1, null, true] } },
        "iam": { "userId": "AIDA", "cognitoIdentity": null },
    });
    for mut event in
        [rest_api("/x"), http_api("/x"), function_url("/x"), lattice("/x"), websocket("$connect", "CONNECT")]
    {
        event["requestContext"]["authorizer"] = authorizer.clone();
        let seen = inspected(&event);
        assert_eq!(seen["context"], event["requestContext"]);
        assert_eq!(seen["context"]["authorizer"], authorizer);
        assert_eq!(seen["event"], event);
    }
}

#[test]
fn parameters_and_variables_are_there_or_none() {
    let mut event = rest_api("/orders/7");
    assert_eq!(
        (&inspected(&event)["path_parameters"], &inspected(&event)["stage_variables"]),
        (&Value::Null, &Value::Null)
    );
    event["pathParameters"] = json!({ "id": "7" });
    event["stageVariables"] = json!({ "table": "orders" });
    let seen = inspected(&event);
    assert_eq!(
        (&seen["path_parameters"], &seen["stage_variables"]),
        (&json!({ "id": "7" }), &json!({ "table": "orders" }))
    );
}

#[test]
fn the_full_path_has_the_stage() {
    let mut staged = http_api("/prod/x");
    staged["requestContext"]["stage"] = "prod".into();
    for (event, path) in [
        (rest_api("/x"), json!("/prod/x")),
        (staged, json!("/prod/x")),
        (function_url("/a%20b"), json!("/a%20b")),
        (alb("/x"), json!("/x")),
        (lattice("/x"), json!("/x")),
        (websocket("$connect", "CONNECT"), Value::Null),
    ] {
        assert_eq!(inspected(&event)["full_path"], path, "{event}");
    }
}

#[test]
fn the_route_key_and_the_connection_of_a_websocket_are_readable() {
    let seen = inspected(&websocket("send", "MESSAGE"));
    assert_eq!((&seen["context"]["routeKey"], &seen["context"]["connectionId"]), (&"send".into(), &"c=".into()));
}

#[test]
fn a_source_keeps_the_context_of_its_invocation_and_shows_no_event_in_a_log() {
    let mut event = http_api("/x");
    event["body"] = "secret".into();
    let seen = inspected(&event);
    assert_eq!(seen["request_id"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    assert_eq!(seen["debug"], "Source(HttpApi)");
}
