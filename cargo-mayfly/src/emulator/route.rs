//! [`Route`]: the paths of the Runtime API and the Extensions API.

use hyper::Method;
use percent_encoding::percent_decode_str;

/// A known request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Next,
    Response(String),
    Error(String),
    InitError,
    RestoreNext,
    RestoreError,
    ExtensionRegister,
    ExtensionNext,
}

impl Route {
    /// Returns the route of a path, with its only allowed method.
    pub(crate) fn of(path: &str) -> Option<(Method, Self)> {
        let id = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let (version, path) = path.strip_prefix('/')?.split_once('/')?;
        let segments: Vec<&str> = path.split('/').collect();
        Some(match (version, segments.as_slice()) {
            ("2018-06-01", ["runtime", "invocation", "next"]) => (Method::GET, Self::Next),
            ("2018-06-01", ["runtime", "invocation", request, "response"]) => {
                (Method::POST, Self::Response(id(request)))
            }
            ("2018-06-01", ["runtime", "invocation", request, "error"]) => (Method::POST, Self::Error(id(request))),
            ("2018-06-01", ["runtime", "init", "error"]) => (Method::POST, Self::InitError),
            ("2018-06-01", ["runtime", "restore", "next"]) => (Method::GET, Self::RestoreNext),
            ("2018-06-01", ["runtime", "restore", "error"]) => (Method::POST, Self::RestoreError),
            ("2020-01-01", ["extension", "register"]) => (Method::POST, Self::ExtensionRegister),
            ("2020-01-01", ["extension", "event", "next"]) => (Method::GET, Self::ExtensionNext),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_decoded() {
        let expected = Some((Method::POST, Route::Response("a/b c".to_owned())));
        assert_eq!(Route::of("/2018-06-01/runtime/invocation/a%2Fb%20c/response"), expected);
    }

    #[test]
    fn other_paths_and_versions_are_unknown() {
        for path in
            ["/", "", "/2018-06-01", "/2018-06-01/runtime/invocation/next/", "/2020-01-01/runtime/invocation/next"]
        {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
