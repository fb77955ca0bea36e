//! WebSocket APIs of API Gateway, whose events have a route key in place of a method and a path.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html>

use super::envelope::Envelope;
use super::lattice::one_cookie;
use super::rest_api;
use super::rules::{REPLY_LIMIT, Rules};
use super::source::Kind;
use super::target::{Escape, Target};

const CONNECT: &str = "$connect";

/// The application sees `GET /$connect`, and `POST /` with the route key for every other event.
pub(crate) static RULES: Rules = Rules {
    kind: Kind::WebSocket,
    method: |envelope| Some(if route_key(envelope) == CONNECT { "GET" } else { "POST" }),
    path,
    query: rest_api::query,
    headers: one_cookie,
    describes_status: false,
    limit: REPLY_LIMIT,
};

fn path(envelope: &Envelope<'_>, target: &mut Target) {
    target.path(&format!("/{}", route_key(envelope)), Escape::DecodedPath);
}

fn route_key<'e>(envelope: &'e Envelope<'_>) -> &'e str {
    envelope.context.as_ref().and_then(|context| context.route_key.as_deref()).unwrap_or_default()
}
