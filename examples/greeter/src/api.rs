//! Replies in the shape that API Gateway and function URLs turn into HTTP.

use serde_json::{Value, json};

/// A page of text.
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

/// An image: bytes go as base64, and say so.
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
