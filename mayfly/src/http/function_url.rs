//! Function URLs, which use the payload format 2.0 of HTTP APIs but leave the path as the client sent it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

use super::http_api;
use super::rules::{Rules, without_base_path};
use super::source::Kind;
use super::target::Escape;

pub(crate) static RULES: Rules = Rules {
    kind: Kind::FunctionUrl,
    path: |envelope, target| {
        let path = envelope.raw_path.as_deref().unwrap_or_default();
        target.path(without_base_path(path), Escape::SentPath);
    },
    ..http_api::RULES
};
