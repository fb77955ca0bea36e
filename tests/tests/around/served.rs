//! Services, routes, batches and streams inside of around functions.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use mayfly::around::Reply;
use mayfly::batch::Sqs;
use mayfly::testing::{invoke, request};
use mayfly::{Error, Invocation, Next, Routes, State, Stream};
use serde_json::{Value, json};

/// A state that only the function of the service takes.
struct Key(&'static str);

#[mayfly::init]
fn key() -> Key {
    Key("secret")
}

/// Lets requests with the key pass.
#[mayfly::around]
fn guarded(invocation: &Invocation<'_>, next: Next<'_>, key: State<Key>) -> Result<Reply, Error> {
    let event: Value = serde_json::from_slice(invocation.payload())?;
    if event["headers"]["key"] != key.0.0 {
        return Reply::new(json!({ "statusCode": 401, "body": "the key is missing" }));
    }
    next.run_blocking()
}

#[mayfly::service(name = "served::api", around = guarded)]
fn api(routes: Routes) -> Router {
    routes.into_router().route("/health", get("well"))
}

#[mayfly::get("/orders/{id}")]
async fn order(axum::extract::Path(id): axum::extract::Path<u64>) -> Result<String, Error> {
    tokio::task::yield_now().await;
    if id == 0 { Err(Error::new("NoOrder", "there is no order 0")) } else { Ok(format!("order {id}")) }
}

fn response(handler: &str, path: &str, key: &str) -> (u16, String) {
    let get = http::Request::get(path).header("key", key).body("").unwrap();
    let response = request(handler, get).around(mayfly::arounds![passing]).run().unwrap();
    (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
}

#[mayfly::around]
async fn passing(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run().await
}

#[test]
fn a_route_that_is_selected_alone_is_inside_of_the_functions_of_its_service() {
    for handler in ["served::api", "around::served::order"] {
        assert_eq!(response(handler, "/orders/7", "secret"), (200, "order 7".to_owned()));
        assert_eq!(response(handler, "/orders/7", "wrong"), (401, "the key is missing".to_owned()));
    }
}

#[test]
fn the_error_of_a_route_has_the_place_of_the_route_alone() {
    let fail = |arounds| {
        let get = http::Request::get("/orders/0").header("key", "secret").body("").unwrap();
        request("served::api", get).around(arounds).run().unwrap_err()
    };
    let bare = fail(mayfly::arounds![]);
    assert!(bare.stack_trace().last().unwrap().contains("around::served::order"), "{bare:?}");
    assert_eq!(bare.json(), fail(mayfly::arounds![passing, guarded]).json());
}

#[mayfly::service(name = "served::streaming", stream)]
fn streaming() -> Router {
    Router::new().route("/", get(async || [("x", "y")].into_response()))
}

#[mayfly::handler(name = "served::rows")]
fn rows() -> Stream {
    Stream::iter(["1", "2"])
}

/// Fails unless the reply is a stream.
#[mayfly::around]
fn only_streams(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let reply = next.run_blocking()?;
    if reply.bytes().is_some() { Err(Error::msg("there are bytes")) } else { Ok(reply) }
}

/// Replaces any reply by a stream.
#[mayfly::around]
async fn streamed(_: &Invocation<'_>, _: Next<'_>) -> Result<Reply, Error> {
    Reply::new(Stream::iter(["instead"]))
}

/// Replaces any reply by bytes.
#[mayfly::around]
async fn replaced(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let _ = next.run().await?;
    Reply::new("instead")
}

#[test]
fn a_stream_passes_without_bytes_and_can_replace_and_be_replaced() {
    let chunks = invoke("served::rows").around(mayfly::arounds![passing, only_streams]).stream().unwrap();
    assert_eq!(chunks.collect::<Result<Vec<_>, _>>().unwrap().concat(), b"12");
    let reply = invoke("served::rows").around(mayfly::arounds![replaced]).run().unwrap();
    assert_eq!(reply.json::<Value>(), "instead");
    let chunks = invoke("served::records").event(batch(&[])).around(mayfly::arounds![streamed]).stream().unwrap();
    assert_eq!(chunks.collect::<Result<Vec<_>, _>>().unwrap().concat(), b"instead");
    let get = http::Request::get("/").body("").unwrap();
    let response = request("served::streaming", get).around(mayfly::arounds![only_streams]).stream().unwrap();
    assert_eq!(response.status(), 200);
}

#[mayfly::batch(name = "served::records")]
async fn records(record: Sqs<u32>) -> Result<(), Error> {
    tokio::task::yield_now().await;
    if *record == 2 { Err(Error::new("Odd", "two is the worst")) } else { Ok(()) }
}

fn batch(bodies: &[u32]) -> Value {
    let record = |body: &u32| {
        json!({
            "messageId": format!("id-{body}"),
            "body": body.to_string(),
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
            "attributes": {},
            "messageAttributes": {}
        })
    };
    json!({ "Records": bodies.iter().map(record).collect::<Vec<_>>() })
}

/// Adds the number of failed records to the reply.
#[mayfly::around]
fn failures_counted(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let reply = next.run_blocking()?;
    let mut reply: Value = serde_json::from_slice(reply.bytes().unwrap_or_default())?;
    reply["failed"] = reply["batchItemFailures"].as_array().map_or(0, Vec::len).into();
    Reply::new(reply)
}

#[test]
fn a_function_sees_the_whole_reply_of_a_batch_and_its_error() {
    let run = |bodies: &[u32], arounds| invoke("served::records").event(batch(bodies)).around(arounds).run();
    let reply = run(&[1, 2, 3], mayfly::arounds![failures_counted, passing]).unwrap().json::<Value>();
    assert_eq!(reply, json!({ "batchItemFailures": [{ "itemIdentifier": "id-2" }], "failed": 1 }));
    let bare = run(&[2], mayfly::arounds![]).unwrap_err();
    assert_eq!(bare.json(), run(&[2], mayfly::arounds![passing, failures_counted]).unwrap_err().json());
}
