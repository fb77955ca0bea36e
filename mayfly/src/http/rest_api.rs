//! REST APIs of API Gateway, and HTTP APIs with payload format 1.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use http::HeaderMap;

use super::envelope::Envelope;
use super::http_api;
use super::json::JsonText;
use super::response::write_all_values;
use super::rules::{REPLY_LIMIT, Rules, without_base_path, without_first_segments};
use super::source::Kind;
use super::target::{Escape, Target};

pub(crate) static RULES: Rules = Rules {
    kind: Kind::RestApi,
    method: |envelope| envelope.http_method.as_deref(),
    path,
    query,
    headers,
    describes_status: false,
    limit: REPLY_LIMIT,
};

/// Writes `path` without the stage, encoded as the client sent it. A REST API leaves the stage out. An HTTP API, whose
/// events have a `version`, does not.
fn path(envelope: &Envelope<'_>, target: &mut Target) {
    let path = envelope.path.as_deref().unwrap_or_default();
    let stage = if envelope.version.is_some() { http_api::stage(envelope) } else { "" };
    target.path(without_base_path(without_first_segments(path, stage)), Escape::SentPath);
}

/// Writes the parameters, which the gateway has decoded.
pub(crate) fn query(envelope: &Envelope<'_>, target: &mut Target) {
    for (key, value) in &envelope.query {
        target.parameter(key, value, Escape::DecodedParameter);
    }
}

/// Writes all values of all headers. An unknown member of the reply would make the gateway answer 502.
fn headers(headers: &HeaderMap, json: &mut JsonText<'_>) {
    write_all_values(headers, json);
}
