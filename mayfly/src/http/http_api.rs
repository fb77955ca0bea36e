//! HTTP APIs of API Gateway with payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use http::HeaderMap;
use http::header::SET_COOKIE;

use super::envelope::Envelope;
use super::json::JsonText;
use super::response::{text, write_joined};
use super::rules::{REPLY_LIMIT, Rules, without_base_path, without_first_segments};
use super::source::Kind;
use super::target::{Escape, Target};

/// The stage that adds nothing to the path.
const DEFAULT_STAGE: &str = "$default";

pub(crate) static RULES: Rules = Rules {
    kind: Kind::HttpApi,
    method: |envelope| envelope.context.as_ref()?.method.as_deref(),
    path,
    query: |envelope, target| target.query(envelope.raw_query.as_deref().unwrap_or_default()),
    headers,
    describes_status: false,
    limit: REPLY_LIMIT,
};

/// Writes `rawPath` without the stage. The gateway has decoded it, so `%` is escaped as well.
fn path(envelope: &Envelope<'_>, target: &mut Target) {
    let path = envelope.raw_path.as_deref().unwrap_or_default();
    target.path(without_base_path(without_first_segments(path, stage(envelope))), Escape::DecodedPath);
}

/// Returns the first segment that the stage adds to the path.
pub(crate) fn stage<'e>(envelope: &'e Envelope<'_>) -> &'e str {
    let stage = envelope.context.as_ref().and_then(|context| context.stage.as_deref());
    stage.filter(|&stage| stage != DEFAULT_STAGE).unwrap_or_default()
}

/// Writes the values of a header into one, and the cookies beside them.
pub(crate) fn headers(headers: &HeaderMap, json: &mut JsonText<'_>) {
    json.key("headers");
    json.raw("{");
    write_joined(headers, json);
    json.raw("}");
    if headers.contains_key(SET_COOKIE) {
        json.key("cookies");
        json.raw("[");
        for cookie in headers.get_all(SET_COOKIE) {
            json.comma();
            json.string(&text(cookie));
        }
        json.raw("]");
    }
}
