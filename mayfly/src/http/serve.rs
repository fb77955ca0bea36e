//! The call of a service, as generated code makes it.

use super::built::Built;
use crate::error::Error;
use crate::invocation::call::Call;

/// Reads the request, calls the service and writes its response.
///
/// # Errors
/// `Runtime.InvalidEvent` for an event that is no HTTP request, and the error of a service or of its body.
pub fn invoke(call: &mut Call<'_>) -> Result<(), Error> {
    let service = call.invocation().state::<Built>()?.0;
    service.serve(call)
}
