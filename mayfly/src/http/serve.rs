//! The call of a service, as generated code makes it.

use super::built::Built;
use super::envelope::Refusal;
#[cfg(feature = "axum")]
use super::routes::failure;
use super::{request, response};
use crate::error::Error;
use crate::invocation::call::Call;

/// Reads the request, calls the service and writes its response.
///
/// # Errors
/// `Runtime.InvalidEvent` for an event that is no HTTP request, and the error of a service or of its body.
pub fn invoke(call: &mut Call<'_>) -> Result<(), Error> {
    let (driver, invocation) = (call.executor, *call.invocation());
    let service = invocation.state::<Built>()?;
    let (rules, request) = request::read(&invocation, service.0.states())?;
    call.has_decoded();
    match request {
        Ok(request) => {
            let is_head = request.method() == http::Method::HEAD;
            #[cfg_attr(not(feature = "axum"), expect(unused_mut, reason = "only routes leave errors in responses"))]
            let (mut parts, payload) = service.serve(driver, request)?;
            #[cfg(feature = "axum")]
            if let Some(error) = failure::take(&mut parts.extensions) {
                call.has_failed_in_a_route();
                return Err(error);
            }
            call.has_returned();
            (service.0.put)(call.outgoing(), rules, is_head, parts, payload);
        }
        Err(Refusal { status, sentence }) => {
            call.has_returned();
            let (parts, payload) = response::sentence(status, sentence);
            (service.0.put)(call.outgoing(), rules, false, parts, payload);
        }
    }
    call.has_encoded();
    Ok(())
}
