//! Minimal events of each source, into which a test puts what it is about.

use serde_json::{Value, json};

/// The sources, each with an event of a `GET` request for `path`.
pub(crate) fn of_every_source(path: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("RestApi", rest_api(path)),
        ("HttpApi", http_api(path)),
        ("FunctionUrl", function_url(path)),
        ("Alb", alb(path)),
        ("Alb", alb_multi_value(path)),
        ("Lattice", lattice(path)),
    ]
}

/// All sources, also the WebSocket API, each with an event of a request for `/x`.
pub(crate) fn requests_for_x() -> Vec<(&'static str, Value)> {
    let mut message = websocket("x", "MESSAGE");
    (message["headers"], message["multiValueHeaders"]) = (json!({}), json!({}));
    let mut events = of_every_source("/x");
    events.push(("WebSocket", message));
    events
}

pub(crate) fn rest_api(path: &str) -> Value {
    json!({
        "httpMethod": "GET", "path": path, "headers": {}, "multiValueHeaders": {},
        "requestContext": { "stage": "prod", "path": format!("/prod{path}") },
    })
}

pub(crate) fn http_api(path: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {},
        "requestContext": {
            "http": { "method": "GET", "path": path }, "stage": "$default",
            "domainName": "id.execute-api.eu-west-1.amazonaws.com",
        },
    })
}

pub(crate) fn function_url(path: &str) -> Value {
    let mut event = http_api(path);
    event["requestContext"]["domainName"] = "id.lambda-url.eu-west-1.on.aws".into();
    event
}

pub(crate) fn alb(path: &str) -> Value {
    json!({ "httpMethod": "GET", "path": path, "headers": {}, "requestContext": { "elb": { "targetGroupArn": "arn" } } })
}

pub(crate) fn alb_multi_value(path: &str) -> Value {
    json!({
        "httpMethod": "GET", "path": path, "multiValueHeaders": {}, "requestContext": { "elb": { "targetGroupArn": "arn" } },
    })
}

pub(crate) fn lattice(path: &str) -> Value {
    json!({
        "version": "2.0", "method": "GET", "path": path, "headers": {},
        "requestContext": { "serviceArn": "arn", "serviceNetworkArn": "arn" },
    })
}

pub(crate) fn websocket(route_key: &str, event_type: &str) -> Value {
    json!({ "requestContext": { "routeKey": route_key, "eventType": event_type, "connectionId": "c=", "stage": "prod" } })
}
