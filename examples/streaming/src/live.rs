//! The readings as they come: server-sent events, and a page that shows them.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse};
use futures_util::{Stream, stream};
use mayfly::{Context, Routes};

use crate::station::{Reading, readings};

/// The time between two readings.
const PERIOD: Duration = Duration::from_millis(500);
/// The time before Lambda's time-out at which a stream ends by itself, so that the browser connects again.
const MARGIN: Duration = Duration::from_secs(2);

/// Builds the service. Lambda's **Handler** setting is `streaming::live::live`. Every response of it is streamed, so a
/// function URL needs the invoke mode `RESPONSE_STREAM`.
#[mayfly::service(stream)]
fn live(routes: Routes) -> Router {
    routes.into_router()
}

/// Returns the page.
#[mayfly::get("/")]
fn page() -> Html<&'static str> {
    Html(include_str!("live.html"))
}

/// Sends a reading every half second. A browser that connects again names the last one that it has seen.
#[mayfly::get("/events")]
fn events(headers: HeaderMap, context: Context) -> impl IntoResponse {
    let last: Option<u64> = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let events = until_the_deadline(readings(last.map_or(0, |last| last.saturating_add(1))), context);
    // A proxy that waits for more would spoil it.
    ([("cache-control", "no-cache"), ("x-accel-buffering", "no")], Sse::new(events))
}

/// Waits before each reading but the first.
fn until_the_deadline(
    readings: impl Iterator<Item = Reading> + Send,
    context: Context,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold((readings, context, Duration::ZERO), async |(mut readings, context, wait)| {
        tokio::time::sleep(wait).await;
        if context.remaining_time().is_some_and(|left| left < MARGIN) {
            return None;
        }
        let reading = readings.next()?;
        let event = Event::default().id(reading.number.to_string()).data(reading.to_string());
        Some((Ok(event), (readings, context, PERIOD)))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use http::Request;
    use mayfly::testing::{self, Chunks, Via};

    use super::*;

    fn get(path: &str, last: Option<u64>) -> http::Response<Chunks> {
        let request = Request::get(path);
        let request = if let Some(last) = last { request.header("last-event-id", last) } else { request };
        let request = testing::request("streaming::live::live", request.body("").unwrap());
        request.via(Via::FunctionUrl).stream().unwrap()
    }

    fn text(chunk: Result<Vec<u8>, testing::Failure>) -> String {
        String::from_utf8(chunk.unwrap()).unwrap()
    }

    #[test]
    fn readings_arrive_one_by_one() {
        let response = get("/events", None);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let start = Instant::now();
        let mut events = response.into_body().map(text);
        assert_eq!(events.next().unwrap(), "id: 0\ndata: 10.00\n\n");
        assert_eq!(events.next().unwrap(), "id: 1\ndata: 10.20\n\n");
        assert!(start.elapsed() >= PERIOD, "{:?}", start.elapsed());
    }

    #[test]
    fn a_browser_that_connects_again_misses_nothing() {
        let mut events = get("/events", Some(41)).into_body().map(text);
        assert!(events.next().unwrap().starts_with("id: 42\n"));
    }

    #[test]
    fn a_stream_ends_before_lambda_ends_the_function() {
        let event = Via::FunctionUrl.event(&Request::get("/events").body("".into()).unwrap());
        let invocation = testing::invoke("streaming::live::live").event(event);
        let events = invocation.deadline(MARGIN + PERIOD / 2).stream().unwrap().skip(1);
        assert!(events.map(Result::unwrap).take(4).count() <= 1);
    }

    #[test]
    fn the_page_opens_the_stream() {
        let response = get("/", None);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let page: String = response.into_body().map(text).collect();
        assert!(page.contains("new EventSource(\"events\")"), "{page}");
    }
}
