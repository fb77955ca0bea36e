//! Replies that API Gateway and function URLs turn into HTTP responses.

use serde_json::{Value, json};

/// Returns a page of text.
#[mayfly::handler]
pub fn hello() -> Value {
    json!({
        "statusCode": 200,
        "headers": { "content-type": "text/plain; charset=utf-8" },
        "body": "Hello!",
        "isBase64Encoded": false,
        "cookies": [],
    })
}

/// A PNG of one transparent pixel, as base64.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// Returns an image: bytes are base64-encoded, and `isBase64Encoded` is set.
#[mayfly::handler]
pub fn pixel() -> Value {
    json!({
        "statusCode": 200,
        "headers": { "content-type": "image/png" },
        "body": PIXEL,
        "isBase64Encoded": true,
        "cookies": [],
    })
}
