//! `Rules`: the differences between the sources.

use std::sync::OnceLock;

use http::HeaderMap;

use super::envelope::Envelope;
use super::json::JsonText;
use super::source::Kind;
use super::target::Target;

/// The most bytes of a reply that Lambda accepts: 6 MB and some room.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const REPLY_LIMIT: usize = 6_291_556;

/// The rules of one source: how its events become requests, and responses its replies.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// Returns the method.
    pub(crate) method: for<'e> fn(&'e Envelope<'_>) -> Option<&'e str>,
    /// Writes the path, without the stage.
    pub(crate) path: fn(&Envelope<'_>, &mut Target),
    /// Writes the query.
    pub(crate) query: fn(&Envelope<'_>, &mut Target),
    /// Writes the members of the reply that hold the headers.
    pub(crate) headers: fn(&HeaderMap, &mut JsonText<'_>),
    /// Whether the reply has a `statusDescription`.
    pub(crate) describes_status: bool,
    /// The most bytes of a reply.
    pub(crate) limit: usize,
}

/// Strips the base path of a custom domain, which the variable `MAYFLY_BASE_PATH` names.
pub(crate) fn without_base_path(path: &str) -> &str {
    static BASE_PATH: OnceLock<String> = OnceLock::new();
    let base = BASE_PATH.get_or_init(|| std::env::var("MAYFLY_BASE_PATH").unwrap_or_default());
    without_first_segments(path, base)
}

/// Strips whole segments from the beginning of a path: `/v1` from `/v1/orders`, not from `/v10`.
pub(crate) fn without_first_segments<'p>(path: &'p str, segments: &str) -> &'p str {
    let segments = segments.trim_matches('/');
    if segments.is_empty() {
        return path;
    }
    let rest = path.strip_prefix('/').unwrap_or(path).strip_prefix(segments);
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_stripped() {
        for (path, segments, left) in [
            ("/prod/x", "prod", "/x"),
            ("/prod", "prod", "/"),
            ("/prod/", "prod", "/"),
            ("/product", "prod", "/product"),
            ("/prod", "", "/prod"),
            ("/prod", "/", "/prod"),
            ("/v1/orders/7", "/v1", "/orders/7"),
            ("/api/v1/orders", "/api/v1/", "/orders"),
            ("/api/v10", "api/v1", "/api/v10"),
            ("/x/prod", "prod", "/x/prod"),
            ("prod/x", "prod", "/x"),
            ("", "prod", ""),
        ] {
            assert_eq!(without_first_segments(path, segments), left, "{path} {segments}");
        }
    }
}
