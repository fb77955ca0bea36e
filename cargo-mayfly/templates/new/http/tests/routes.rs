//! Sends requests to the service as API Gateway does.

use axum::http::{Request, StatusCode};
use mayfly::testing;
use serde_json::{Value, json};

use {{crate}} as _; // links the routes

/// Sends an order and returns the status and the body of the response.
fn place(order: Value) -> (StatusCode, String) {
    let request = Request::post("/orders").header("content-type", "application/json");
    let request = request.body(order.to_string()).unwrap();
    let response = testing::request("{{crate}}::api", request).run().unwrap();
    let body = String::from_utf8_lossy(response.body()).into_owned();
    (response.status(), body)
}

#[test]
fn a_guest_is_greeted_by_name() {
    let request = Request::get("/?name=Ada").body("").unwrap();
    let response = testing::request("{{crate}}::api", request).run().unwrap();
    assert_eq!(&response.body()[..], b"Hello, Ada!");
}

#[test]
fn the_total_of_an_order_is_calculated() {
    let (status, body) = place(json!({ "pieces": 3, "cents": 250 }));
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(body, r#"{"total":750}"#);
}

#[test]
fn an_order_without_pieces_is_refused() {
    let (status, body) = place(json!({ "pieces": 0, "cents": 250 }));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body, "an order has at least one piece");
}

#[test]
fn every_route_can_start() {
    testing::check().unwrap(); // no route twice, an init for every state
}
