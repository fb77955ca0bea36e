//! `Context`: the metadata of an invocation.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::argument::{FromInvocation, Invocation};
use crate::env::Function;
use crate::error::Error;
use crate::runtime_api::headers::{self, Headers, remaining};

/// The metadata of an invocation, such as its request id and its deadline.
///
/// ```
/// use std::time::Duration;
///
/// #[mayfly::handler]
/// fn work(job: String, context: mayfly::Context) -> Result<String, String> {
///     if context.remaining_time().is_some_and(|left| left < Duration::from_secs(1)) {
///         return Err(format!("too little time left for {job}"));
///     }
///     Ok(context.request_id)
/// }
///
/// fn main() {
///     // A test builds its own context.
///     let mut context = mayfly::Context::default();
///     context.request_id = "1".into();
///     context.deadline = Some(std::time::SystemTime::now() + Duration::from_secs(3));
///     assert_eq!(work("sweep".into(), context).unwrap(), "1");
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The request id of the invocation, which also appears in the logs.
    pub request_id: String,
    /// The time at which Lambda stops the function.
    pub deadline: Option<SystemTime>,
    /// The ARN by which the function was invoked, with its version or alias.
    pub function_arn: Option<String>,
    /// The X-Ray trace header.
    ///
    /// By default it is not written to the process environment, since that needs `unsafe` and leaks memory. The feature
    /// `trace-env` writes it there for the AWS SDK's recursion detection.
    pub trace_id: Option<String>,
    /// The tenant id, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// The client context that a mobile client or another caller sent, as JSON.
    pub client_context: Option<Value>,
    /// The Cognito identity of the caller.
    pub identity: Option<Identity>,
    /// The function's name, version, memory, log group and log stream.
    pub function: Arc<Function>,
}

/// The Cognito identity of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The id of the identity.
    pub identity_id: Option<String>,
    /// The id of the pool that the identity belongs to.
    pub identity_pool_id: Option<String>,
}

impl Context {
    /// Returns the time that the handler has left: zero if the deadline has passed, `None` if there is no deadline.
    ///
    /// Lambda always sends a deadline. Some emulators send none, and `cargo lambda watch` sends one in 1970.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// let mut context = mayfly::Context::default();
    /// assert_eq!(context.remaining_time(), None);
    /// context.deadline = Some(SystemTime::UNIX_EPOCH);
    /// assert_eq!(context.remaining_time(), Some(Duration::ZERO));
    /// ```
    #[must_use]
    pub fn remaining_time(&self) -> Option<Duration> {
        remaining(self.deadline)
    }
}

impl FromInvocation for Context {
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
        Ok(Self::of(invocation.headers, invocation.function))
    }
}

impl Context {
    /// Reads the context from the headers of an invocation.
    pub(crate) fn of(headers: Headers<'_>, function: &Arc<Function>) -> Self {
        // Not `Headers::text`: that method is not inlined here, which costs 90 instructions.
        let header = |name| headers.get(name).map(headers::text);
        let text = |name| header(name).map(Cow::into_owned);
        Self {
            request_id: text(headers::REQUEST_ID).unwrap_or_default(),
            deadline: headers.deadline(),
            function_arn: text(headers::FUNCTION_ARN),
            trace_id: text(headers::TRACE_ID),
            tenant_id: text(headers::TENANT_ID),
            client_context: header(headers::CLIENT_CONTEXT).and_then(|text| client_context(&text)),
            identity: header(headers::COGNITO_IDENTITY).and_then(|text| identity(&text)),
            function: Arc::clone(function),
        }
    }
}

/// Reads the client context, which is JSON, or JSON in base64 from cargo-lambda's emulator. Any other text is ignored.
fn client_context(text: &str) -> Option<Value> {
    json(text.as_bytes()).or_else(|| json(&BASE64_STANDARD.decode(text).ok()?))
}

/// Parses JSON. All callers read from bytes, since another kind of source would add another deserializer of 8 KB.
fn json(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// Reads the Cognito identity. Members of another type count as absent.
fn identity(text: &str) -> Option<Identity> {
    let json = json(text.as_bytes())?;
    let member = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let identity =
        Identity { identity_id: member("cognitoIdentityId"), identity_pool_id: member("cognitoIdentityPoolId") };
    (identity != Identity::default()).then_some(identity)
}

#[cfg(test)]
mod tests {
    use super::super::state::Store;
    use super::*;
    use crate::runtime_api::response::Response;

    fn read(headers: &[(&str, &[u8])]) -> Context {
        let response = Response::with_headers(headers).unwrap();
        let (store, function) = (Store::default(), Arc::default());
        let invocation = Invocation { headers: response.headers(), payload: b"{}", store: &store, function: &function };
        Context::from_invocation(&invocation).unwrap()
    }

    #[test]
    fn absent_and_empty_headers_count_as_none() {
        let empty: [(_, &[u8]); 3] =
            [(headers::TENANT_ID, b""), (headers::TRACE_ID, b" "), (headers::COGNITO_IDENTITY, b"")];
        for headers in [&[], empty.as_slice()] {
            let context = read(headers);
            assert_eq!((context.tenant_id, context.trace_id, context.identity), (None, None, None));
            assert_eq!((context.request_id.as_str(), context.deadline), ("", None));
        }
    }

    #[test]
    fn the_first_of_several_headers_counts_and_invalid_bytes_are_replaced() {
        let context =
            read(&[(headers::TENANT_ID, b"a" as &[u8]), (headers::TENANT_ID, b"b"), (headers::FUNCTION_ARN, b"\xff!")]);
        assert_eq!(context.tenant_id.as_deref(), Some("a"));
        assert_eq!(context.function_arn.as_deref(), Some("\u{fffd}!"));
    }

    #[test]
    fn remaining_time_is_zero_after_the_deadline_and_none_without_one() {
        for past in ["600000", "0", "1"] {
            let left = read(&[(headers::DEADLINE_MS, past.as_bytes())]).remaining_time();
            assert_eq!(left, Some(Duration::ZERO), "{past}");
        }
        for unknown in ["", "-1", "soon", "99999999999999999999", "1e3"] {
            let left = read(&[(headers::DEADLINE_MS, unknown.as_bytes())]).remaining_time();
            assert_eq!(left, None, "{unknown}");
        }
        assert_eq!(read(&[]).remaining_time(), None);
        // Some clocks cannot represent this time.
        let left = read(&[(headers::DEADLINE_MS, b"18446744073709551615")]).remaining_time();
        assert!(left.is_none_or(|left| left > Duration::from_secs(1 << 40)), "{left:?}");
        let soon = SystemTime::now() + Duration::from_secs(60);
        let millis = soon.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis().to_string();
        let left = read(&[(headers::DEADLINE_MS, millis.as_bytes())]).remaining_time().unwrap();
        assert!((55..=60).contains(&left.as_secs()), "{left:?}");
    }

    #[test]
    fn the_client_context_may_be_plain_json_or_base64() {
        let json = br#"{"custom":{"n":1},"env":{"locale":"de"},"client":{}}"#;
        let encoded = BASE64_STANDARD.encode(json);
        for text in [json, encoded.as_bytes()] {
            let context = read(&[(headers::CLIENT_CONTEXT, text)]);
            assert_eq!(context.client_context.unwrap()["custom"]["n"], 1);
        }
        assert_eq!(read(&[(headers::CLIENT_CONTEXT, b"{broken")]).client_context, None);
    }

    #[test]
    fn members_of_the_identity_that_are_not_strings_count_as_absent() {
        let context = read(&[(headers::COGNITO_IDENTITY, br#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":7}"#)]);
        let identity = context.identity.unwrap();
        assert_eq!((identity.identity_id.as_deref(), identity.identity_pool_id), (Some("me"), None));
        for text in [b"[]" as &[u8], b"{}", b"null", b"nonsense"] {
            assert_eq!(read(&[(headers::COGNITO_IDENTITY, text)]).identity, None);
        }
    }
}
