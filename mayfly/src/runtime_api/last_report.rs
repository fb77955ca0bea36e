//! The report of an error that ends the process, posted on a connection of its own and within a limited time.

use std::io::{self, Write};
use std::time::Duration;

use super::endpoint::Endpoint;
use super::invocation_id::InvocationId;
use super::request;
use super::response::Response;
use super::time_limit::TimeLimit;
use crate::error::Error;
use crate::error::report::Report;

/// The longest time that the reports at the end of a process may take. Lambda's limit for all of the init is 10 s.
pub(crate) const REPORT_TIMEOUT: Duration = Duration::from_secs(2);
/// The time for a response that the server sent without reading all of the report.
const EARLY_RESPONSE: Duration = Duration::from_millis(10);

/// Posts the report of an error. Returns an error unless the server has accepted it within the limit.
pub(crate) fn post(
    endpoint: &Endpoint,
    path: &[&str],
    id: &InvocationId,
    error: &Error,
    limit: TimeLimit,
) -> io::Result<()> {
    let report = Report::of(error);
    let mut request = Vec::new();
    request::post(&mut request, endpoint, path, id, Some(&report), report.body.len());
    request.extend(&report.body);
    let stream = limit.connect(endpoint)?;
    let mut response = Response::default();
    if let Err(unsent) = limit.on(&stream).write_all(&request) {
        response.receive(&mut TimeLimit::of(EARLY_RESPONSE).on(&stream)).map_err(|_| unsent)?;
    } else {
        response.receive(&mut limit.on(&stream))?;
    }
    match response.status() {
        200..300 => Ok(()),
        _ => Err(io::Error::other(response.summary())),
    }
}
