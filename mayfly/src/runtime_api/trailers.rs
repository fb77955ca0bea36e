//! The end of a streamed reply that failed: true HTTP trailers with the report of the error.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::headers;
use super::request::header;
use crate::error::Error;
use crate::error::limits;
use crate::error::report::Report;

/// The most bytes of all trailers together. The HTTP server of Go, and so the Runtime API, accepts no more.
const MAX_BYTES: usize = 4 << 10;
/// The most bytes of the lines without the report: two names, the type of the error, and the empty line.
const REST_BYTES: usize =
    2 * "lambda-runtime-function-error-type: \r\n".len() + "Function.".len() + limits::NAME + "\r\n".len();
/// The most bytes of the report, to which base64 adds a third.
const MAX_REPORT_BYTES: usize = (MAX_BYTES - REST_BYTES) / 4 * 3;

/// Creates the report of an error that fits into trailers.
pub(crate) fn report(error: &Error) -> Report {
    Report::within(error, MAX_REPORT_BYTES)
}

/// Appends the last chunk, which is empty, and the trailers.
pub(super) fn write(buffer: &mut Vec<u8>, error: &Error) {
    let report = report(error);
    buffer.extend(b"0\r\n");
    header(buffer, headers::ERROR_TYPE, report.error_type.as_bytes());
    header(buffer, headers::ERROR_BODY, BASE64_STANDARD.encode(&report.body).as_bytes());
    buffer.extend(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trailers_of_any_error_fit_what_the_service_accepts() {
        let name = "A".repeat(300);
        for (name, text) in [("Broken", "line\n".repeat(1 << 19)), (&*name, "\u{1}".repeat(2_000)), ("", String::new())]
        {
            let mut error = Error::new(name.to_owned(), &text);
            for number in 0..200 {
                error = error.context(format!("{number}{text}"));
            }
            let mut end = Vec::new();
            write(&mut end, &error);
            let trailers = end.strip_prefix(b"0\r\n").unwrap();
            assert!(trailers.len() <= MAX_BYTES, "{}", trailers.len());
            assert!(text.is_empty() || trailers.len() > 1_000, "{}", trailers.len());
        }
    }
}
