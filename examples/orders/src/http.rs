//! Orders over HTTP, from API Gateway (payload format 2.0) or a function URL.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::http::HeaderValue;
use aws_lambda_events::http::header::CONTENT_TYPE;
use mayfly::State;
use serde_json::{Value, json};

use crate::order::Order;
use crate::warehouse::{Reservation, Warehouse, WarehouseError};

/// Places the order in the request's body. The status is 201, 409 if too few pieces are left, 400 if the body is not an
/// order, or 415 if it is not text.
///
/// # Errors
/// Fails if the warehouse does not answer. The customer did nothing wrong, so this is a function error: API Gateway
/// answers 500, and the error metric counts it.
#[mayfly::handler]
pub async fn place(
    request: ApiGatewayV2httpRequest,
    warehouse: State<Warehouse>,
) -> Result<ApiGatewayV2httpResponse, WarehouseError> {
    if request.is_base64_encoded {
        // API Gateway base64-encodes a body whose content type is not text.
        return Ok(respond(415, &json!({ "error": "an order is sent as application/json" })));
    }
    let order: Order = match serde_json::from_str(request.body.as_deref().unwrap_or_default()) {
        Ok(order) => order,
        Err(error) => return Ok(respond(400, &json!({ "error": error.to_string() }))),
    };
    Ok(match warehouse.reserve(&order).await? {
        Reservation::Made => respond(201, &json!({ "order": order.id() })),
        Reservation::Short { left } => respond(409, &json!({ "error": "out of stock", "left": left })),
    })
}

fn respond(status: i64, body: &Value) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = status;
    response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.body = Some(body.to_string().into());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warehouse::tests::{closed, open};

    /// Builds the event that API Gateway sends for `POST /orders`.
    fn request(body: &str) -> ApiGatewayV2httpRequest {
        let event = json!({
            "version": "2.0",
            "routeKey": "POST /orders",
            "rawPath": "/orders",
            "rawQueryString": "",
            "headers": { "content-type": "application/json", "host": "shop.example.com" },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "shop",
                "domainName": "shop.example.com",
                "domainPrefix": "shop",
                "http": {
                    "method": "POST",
                    "path": "/orders",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "curl/8"
                },
                "requestId": "id",
                "routeKey": "POST /orders",
                "stage": "$default",
                "time": "24/Nov/2026:19:00:00 +0000",
                "timeEpoch": 1_795_546_800_000_i64
            },
            "body": body,
            "isBase64Encoded": false
        });
        serde_json::from_value(event).unwrap()
    }

    #[tokio::test]
    async fn each_outcome_has_its_status() {
        let warehouse = State::new(open(1, false).await);
        let order = r#"{"id": "o-1", "sku": "kettle", "quantity": 1}"#;
        for (body, status) in [(order, 201), (order, 409), ("{}", 400), ("", 400)] {
            let response = place(request(body), warehouse).await.unwrap();
            assert_eq!(response.status_code, status, "{body}");
            assert_eq!(response.headers[CONTENT_TYPE], "application/json");
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_text_is_refused() {
        let mut request = request("AAECAw==");
        request.is_base64_encoded = true;
        let response = place(request, State::new(closed())).await.unwrap();
        assert_eq!(response.status_code, 415);
    }

    #[tokio::test]
    async fn a_warehouse_that_is_down_is_a_function_error() {
        let order = r#"{"id": "o-1", "sku": "kettle", "quantity": 1}"#;
        let outcome = place(request(order), State::new(closed())).await;
        assert!(matches!(outcome, Err(WarehouseError::Unreachable { .. })));
    }
}
