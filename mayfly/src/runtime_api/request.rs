//! The requests to the Runtime API, as bytes.

use super::endpoint::Endpoint;
use super::headers;
use super::invocation_id::InvocationId;
use crate::error::report::Report;

/// Returns a request without a body.
pub(crate) fn get(endpoint: &Endpoint, path: &str) -> Vec<u8> {
    let mut request = Vec::new();
    begin(&mut request, "GET ", endpoint, &[path]);
    request.extend(b"\r\n");
    request
}

/// Appends the head of a POST to `request`. It repeats the bytes of `Lambda-Runtime-Invocation-Id` unchanged.
pub(crate) fn post(
    request: &mut Vec<u8>,
    endpoint: &Endpoint,
    path: &[&str],
    id: &InvocationId,
    report: Option<&Report>,
    length: usize,
) {
    begin(request, "POST ", endpoint, path);
    header(request, "content-type", b"application/json");
    header(request, "content-length", length.to_string().as_bytes());
    if let Some(echo) = &id.echo {
        header(request, headers::INVOCATION_ID, echo);
    }
    if let Some(Report { error_type, xray_cause, .. }) = report {
        header(request, headers::ERROR_TYPE, error_type.as_bytes());
        header(request, headers::XRAY_CAUSE, xray_cause.as_bytes());
    }
    request.extend(b"\r\n");
}

/// Appends the head of a POST whose body follows in chunks, with the report of a failure in its trailers.
pub(crate) fn post_in_chunks(
    request: &mut Vec<u8>,
    endpoint: &Endpoint,
    path: &[&str],
    id: &InvocationId,
    content_type: &str,
) {
    begin(request, "POST ", endpoint, path);
    header(request, "content-type", content_type.as_bytes());
    header(request, "lambda-runtime-function-response-mode", b"streaming");
    header(request, "transfer-encoding", b"chunked");
    header(request, "trailer", b"lambda-runtime-function-error-type, lambda-runtime-function-error-body");
    if let Some(echo) = &id.echo {
        header(request, headers::INVOCATION_ID, echo);
    }
    request.extend(b"\r\n");
}

/// Appends the request line and the header `Host`.
fn begin(request: &mut Vec<u8>, method: &str, endpoint: &Endpoint, path: &[&str]) {
    request.extend(method.as_bytes());
    endpoint.write_path(request, path);
    request.extend(b" HTTP/1.1\r\n");
    header(request, "host", endpoint.host.as_bytes());
}

/// Appends a header or a trailer.
pub(crate) fn header(request: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        request.extend(part);
    }
}
