//! [`Caller`]: the headers and the body of a request to invoke a function.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cargo_mayfly::emulator::Invocation;
use hyper::HeaderMap;
use hyper::body::Incoming;

use crate::dev::body::{self, BodyError};
use crate::dev::refusal::Refusal;
use crate::dev::trace_id;
use crate::lambda::input::{self, InputError};
use crate::lambda::limits::{MAX_ASYNC_EVENT_BYTES, MAX_EVENT_BYTES};

const NOT_JSON: &str = "Could not parse request body into json";

const INVALID_CLIENT_CONTEXT: &str = "Client context must be a valid Base64-encoded JSON object.";

pub(crate) const INVOCATION_TYPE: &str = "x-amz-invocation-type";
const LOG_TYPE: &str = "x-amz-log-type";
const CLIENT_CONTEXT: &str = "x-amz-client-context";
const TENANT_ID: &str = "x-amz-tenant-id";
const TRACE_ID: &str = "x-amzn-trace-id";

/// The type of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvocationType {
    /// The caller waits for the reply.
    RequestResponse,
    /// The caller does not wait.
    Event,
    /// Only the request is checked.
    DryRun,
}

/// The headers of an invocation.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) invocation_type: InvocationType,
    pub(crate) wants_logs: bool,
    client_context: Option<String>,
    tenant_id: Option<String>,
    trace_id: String,
}

impl Caller {
    /// Reads the headers.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let invocation_type = match text(headers, INVOCATION_TYPE)?.as_deref() {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(other) => {
                let allowed = "RequestResponse, Event or DryRun";
                return Err(Refusal::invalid_parameter(INVOCATION_TYPE, other, allowed));
            }
        };
        let wants_logs = match text(headers, LOG_TYPE)?.as_deref() {
            None | Some("None") => false,
            Some("Tail") => true,
            Some(other) => return Err(Refusal::invalid_parameter(LOG_TYPE, other, "None or Tail")),
        };
        let client_context = text(headers, CLIENT_CONTEXT)?.map(|encoded| client_context(&encoded)).transpose()?;
        let trace_id = text(headers, TRACE_ID)?.unwrap_or_else(trace_id::new);
        let tenant_id = text(headers, TENANT_ID)?;
        if let Some(Err(error)) = tenant_id.as_deref().map(input::check_tenant_id) {
            return Err(Refusal::invalid_tenant_id(&error.to_string()));
        }
        Ok(Self { invocation_type, wants_logs, client_context, tenant_id, trace_id })
    }

    /// Reads the body and checks the event. An empty body counts as `{}`.
    pub(crate) async fn invocation(self, request_id: String, body: Incoming) -> Result<Invocation, Refusal> {
        let limit = match self.invocation_type {
            InvocationType::Event => MAX_ASYNC_EVENT_BYTES,
            _ => MAX_EVENT_BYTES,
        };
        let payload = match read(body, limit).await? {
            payload if payload.is_empty() => Bytes::from_static(b"{}"),
            payload => payload,
        };
        input::check_event(&payload, limit).map_err(|error| match error {
            InputError::NotJson(error) => Refusal::invalid_content(format!("{NOT_JSON}: {error}")),
            error => Refusal::invalid_content(format!("{NOT_JSON}: it {error}")),
        })?;
        let mut invocation = Invocation::new(payload);
        invocation.request_id = Some(request_id);
        invocation.trace_id = Some(self.trace_id);
        invocation.client_context = self.client_context;
        invocation.tenant_id = self.tenant_id;
        Ok(invocation)
    }
}

/// Reads the body of a request to the Invoke API.
async fn read(body: Incoming, limit: usize) -> Result<Bytes, Refusal> {
    body::read(body, limit).await.map_err(|error| match error {
        BodyError::Incomplete(error) => Refusal::invalid_content(format!("the body is incomplete: {error}")),
        BodyError::TooLarge => Refusal::too_large(limit),
    })
}

/// Returns the value of a header, unless it is empty.
fn text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok(value) => Ok(Some(value.to_owned()).filter(|value| !value.is_empty())),
        Err(_) => Err(Refusal::invalid_parameter(name, &value.as_bytes().escape_ascii().to_string(), "visible ASCII")),
    }
}

fn client_context(encoded: &str) -> Result<String, Refusal> {
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let context = decoded.ok_or_else(|| Refusal::invalid_content(INVALID_CLIENT_CONTEXT))?;
    match input::check_client_context(&context) {
        Ok(()) => Ok(context),
        Err(error @ InputError::TooLarge { .. }) => Err(Refusal::invalid_content(format!("Client context {error}"))),
        Err(_) => Err(Refusal::invalid_content(INVALID_CLIENT_CONTEXT)),
    }
}
