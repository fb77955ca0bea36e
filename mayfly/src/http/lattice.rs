//! VPC Lattice services, with event version 2.0.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-vpc-lattice.html>

use http::HeaderMap;
use http::header::SET_COOKIE;

use super::alb;
use super::json::JsonText;
use super::response::{text, write_joined};
use super::rules::{REPLY_LIMIT, Rules, without_base_path};
use super::source::Kind;
use super::target::Escape;

pub(crate) static RULES: Rules = Rules {
    kind: Kind::Lattice,
    method: |envelope| envelope.method.as_deref(),
    path: |envelope, target| {
        let path = envelope.path.as_deref().unwrap_or_default();
        target.path(without_base_path(path), Escape::SentPath);
    },
    query: alb::query,
    headers: one_cookie,
    describes_status: false,
    limit: REPLY_LIMIT,
};

/// Writes the values of a header into one, and the first cookie: the reply has no place for a second one.
pub(crate) fn one_cookie(headers: &HeaderMap, json: &mut JsonText<'_>) {
    json.key("headers");
    json.raw("{");
    write_joined(headers, json);
    let mut cookies = headers.get_all(SET_COOKIE).iter();
    if let Some(first) = cookies.next() {
        json.key(SET_COOKIE.as_str());
        json.string(&text(first));
    }
    json.raw("}");
    let lost = cookies.count();
    if lost > 0 {
        log::warn!("the source of the request takes one `set-cookie` header; the response loses {lost} more");
    }
}
