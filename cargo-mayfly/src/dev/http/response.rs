//! The response to a browser that the outcome of an invocation stands for.

use bytes::Bytes;
use cargo_mayfly::emulator::{ErrorReport, Outcome};
use hyper::header::CONTENT_LENGTH;
use hyper::{Method, Response, StatusCode};
use mayfly::testing::Via;

use crate::dev::http::event::OF_THE_CONNECTION;
use crate::dev::http::page::Page;
use crate::lambda::http_stream;

/// Reads the response from a reply, as a function URL does. The page is the answer to a failed invocation.
pub(crate) fn response(outcome: &Outcome, name: &str, method: &Method) -> Result<Response<Bytes>, Page> {
    match outcome.reply() {
        Some(reply) => of_reply(reply, name, method),
        None => Err(failure(outcome, name)),
    }
}

/// Returns the page for a failed invocation, or for a stream that has no head.
pub(crate) fn failure(outcome: &Outcome, name: &str) -> Page {
    let Some(error) = outcome.error() else { return no_response(name, http_stream::MISSING) };
    let status = match outcome {
        Outcome::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    failed(status, name, &error)
}

/// Reads the response from a reply, or its status and headers from the head of a streamed one.
pub(crate) fn of_reply(reply: &[u8], name: &str, method: &Method) -> Result<Response<Bytes>, Page> {
    let mut response = Via::FunctionUrl.response(reply).map_err(|why| no_response(name, why))?;
    if response.status().is_informational() {
        return Err(no_response(name, format!("its status is {}", response.status())));
    }
    // The server writes these by itself.
    for name in OF_THE_CONNECTION {
        response.headers_mut().remove(name);
    }
    // Only the response to HEAD may have a length that is not that of its body.
    let length = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    response.headers_mut().remove(CONTENT_LENGTH);
    if let Some(length) = length.filter(|_| *method == Method::HEAD) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(response)
}

/// Returns the page for a reply that is not a response.
pub(crate) fn no_response(name: &str, why: impl Into<String>) -> Page {
    Page::new(StatusCode::BAD_GATEWAY, format!("the reply of {name} is not an HTTP response")).sentence(why)
}

fn failed(status: StatusCode, name: &str, error: &ErrorReport) -> Page {
    let page = Page::new(status, format!("{name} failed"));
    let causes = std::iter::successors(error.cause.as_deref(), |cause| cause.cause.as_deref());
    std::iter::once(error).chain(causes).enumerate().fold(page, |page, (depth, error)| {
        let before = if depth == 0 { "" } else { "caused by " };
        let parts = [&error.error_type, &error.error_message].map(String::as_str);
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let sentence = before.to_owned() + &parts.collect::<Vec<_>>().join(": ");
        let page = page.sentence(sentence);
        if error.stack_trace.is_empty() { page } else { page.lines(error.stack_trace.clone()) }
    })
}
