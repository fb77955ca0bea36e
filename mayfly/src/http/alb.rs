//! Application Load Balancers, in either of their two modes.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>

use http::HeaderMap;
use http::header::SET_COOKIE;

use super::envelope::Envelope;
use super::json::JsonText;
use super::response::{text, write_all_values, write_joined};
use super::rules::{Rules, without_base_path};
use super::source::Kind;
use super::target::{Escape, Target};

/// The most bytes of a reply.
const LIMIT: usize = 1 << 20;

/// The rules where the attribute `lambda.multi_value_headers.enabled` is on. The reply must have the same form as the
/// event.
pub(crate) static ALL_VALUES: Rules = Rules { headers: write_all_values, ..ONE_VALUE };

/// The rules where it is off.
pub(crate) static ONE_VALUE: Rules = Rules {
    kind: Kind::Alb,
    method: |envelope| envelope.http_method.as_deref(),
    path: |envelope, target| {
        let path = envelope.path.as_deref().unwrap_or_default();
        target.path(without_base_path(path), Escape::SentPath);
    },
    query,
    headers,
    describes_status: true,
    limit: LIMIT,
};

/// Writes the parameters as the client sent them: the load balancer does not decode them.
pub(crate) fn query(envelope: &Envelope<'_>, target: &mut Target) {
    for (key, value) in &envelope.query {
        target.parameter(key, value, Escape::SentParameter);
    }
}

/// Writes the values of a header into one. Cookies cannot be joined: each further one goes under another spelling of the
/// name, which the load balancer takes for another header and the client for the same.
fn headers(headers: &HeaderMap, json: &mut JsonText<'_>) {
    json.key("headers");
    json.raw("{");
    write_joined(headers, json);
    for (number, cookie) in headers.get_all(SET_COOKIE).iter().enumerate() {
        json.key(&spelling(number));
        json.string(&text(cookie));
    }
    json.raw("}");
}

/// Spells `set-cookie` with the letters in capitals that the bits of a number select: there are 512 spellings.
fn spelling(number: usize) -> String {
    let (mut name, mut bits) = (SET_COOKIE.as_str().to_owned(), number);
    for at in 0..name.len() {
        if name.as_bytes()[at].is_ascii_alphabetic() {
            if bits & 1 == 1 {
                name[at..=at].make_ascii_uppercase();
            }
            bits >>= 1;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_cookie_has_a_spelling_of_its_own() {
        assert_eq!([0, 1, 2, 3].map(spelling), ["set-cookie", "Set-cookie", "sEt-cookie", "SEt-cookie"]);
        assert_eq!((0..512).map(spelling).collect::<BTreeSet<_>>().len(), 512);
    }
}
