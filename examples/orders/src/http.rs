//! Orders over HTTP, from any source of requests.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use mayfly::State;
use mayfly::http::Body;
use serde_json::{Value, json};
use tower::{Service, service_fn};

use crate::order::Order;
use crate::warehouse::{Reservation, Warehouse, WarehouseError};

/// Builds the service, which has one task and needs no router.
#[mayfly::service]
pub fn place(
    warehouse: State<Warehouse>,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = WarehouseError> + Clone + Send + 'static {
    service_fn(move |request: Request<Body>| reserve(request, warehouse))
}

/// Places the order in the request's body. The status is 201, 409 if too few pieces are left, or 400 if the body is not
/// an order.
///
/// Fails if the warehouse does not answer. The customer did nothing wrong, so this is a function error: API Gateway
/// answers 500, and the error metric counts it.
async fn reserve(request: Request<Body>, warehouse: State<Warehouse>) -> Result<Response<Body>, WarehouseError> {
    let order: Order = match serde_json::from_slice(&request.into_body().into_bytes()) {
        Ok(order) => order,
        Err(error) => return Ok(respond(StatusCode::BAD_REQUEST, &json!({ "error": error.to_string() }))),
    };
    Ok(match warehouse.reserve(&order).await? {
        Reservation::Made => respond(StatusCode::CREATED, &json!({ "order": order.id() })),
        Reservation::Short { left } => respond(StatusCode::CONFLICT, &json!({ "error": "out of stock", "left": left })),
    })
}

fn respond(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use mayfly::testing::{self, Via};

    use super::*;
    use crate::warehouse::tests::{closed, open};

    const ORDER: &str = r#"{"id": "o-1", "sku": "kettle", "quantity": 1}"#;

    fn request(body: impl Into<Body>) -> Request<Body> {
        Request::post("/orders").body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn each_outcome_has_its_status() {
        let warehouse = State::new(open(1, false).await);
        for (body, status) in [(ORDER, 201), (ORDER, 409), ("{}", 400), ("", 400), ("\0", 400)] {
            let response = place(warehouse).call(request(body)).await.unwrap();
            assert_eq!(response.status(), status, "{body}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        }
    }

    #[tokio::test]
    async fn a_warehouse_that_is_down_is_an_error() {
        let outcome = place(State::new(closed())).call(request(ORDER)).await;
        assert!(matches!(outcome, Err(WarehouseError::Unreachable { .. })));
    }

    #[mayfly::service(name = "closed")]
    fn without_a_warehouse()
    -> impl Service<Request<Body>, Response = Response<Body>, Error = WarehouseError> + Clone + Send + 'static {
        place(State::new(closed()))
    }

    #[test]
    fn every_source_gets_the_status_or_a_function_error() {
        for via in Via::ALL {
            let invoke = |body| {
                let request = Request::post("/orders").body(body).unwrap();
                testing::request("closed", request).via(via).run()
            };
            assert_eq!(invoke("\0").unwrap().status(), StatusCode::BAD_REQUEST, "{via:?}");
            assert_eq!(invoke(ORDER).unwrap_err().error_type(), "orders::warehouse::WarehouseError", "{via:?}");
        }
    }
}
