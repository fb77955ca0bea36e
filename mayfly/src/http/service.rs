//! `HttpService`: the services that `#[mayfly::service]` accepts.

use std::any::type_name;
use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::response::Parts;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower_service::Service;

use super::body::Body;
use super::payload::{Frames, Payload};
use crate::error::Error;

type BoxError = Box<dyn StdError + Send + Sync>;

/// An error that a service may fail with. The invocation then fails, and the gateway answers 500 or 502.
pub trait ServiceError {
    /// Converts it, under the name of its type.
    fn into_error(self) -> Error;
}

impl<E: Into<BoxError>> ServiceError for E {
    fn into_error(self) -> Error {
        let error = Error::of_boxed(&self.into());
        let name = type_name::<E>();
        // A box says nothing about the error in it.
        if name.contains("Box<dyn") { error } else { error.named(name) }
    }
}

impl ServiceError for Error {
    fn into_error(self) -> Error {
        self
    }
}

/// A service of HTTP requests: every [`tower_service::Service`] of [`Request<Body>`](Body) that is `Send + 'static`,
/// answers with any response body, and fails with any error. It need not be `Clone` or `Sync`, its future not `Send`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP service that Mayfly can run",
    label = "not a `tower::Service<http::Request<mayfly::http::Body>>` that is `Send + 'static`",
    note = "an axum `Router` that still wants a state becomes a service by `.with_state(…)`"
)]
pub trait HttpService: Send + 'static {
    /// The response's body.
    type ResponseBody: HttpBody<Data: Buf, Error: Into<BoxError>>;
    /// The error.
    type Error: ServiceError;

    /// The response that is on its way.
    type Future: Future<Output = Result<Response<Self::ResponseBody>, Self::Error>>;

    /// Waits until the service takes a request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// Takes a request.
    fn call(&mut self, request: Request<Body>) -> Self::Future;
}

#[diagnostic::do_not_recommend]
impl<S, B> HttpService for S
where
    S: Service<Request<Body>, Response = Response<B>, Error: ServiceError> + Send + 'static,
    B: HttpBody<Data: Buf, Error: Into<BoxError>>,
{
    type ResponseBody = B;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::poll_ready(self, cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        Service::call(self, request)
    }
}

/// The extent to which a response is awaited before the reply is made.
pub(crate) trait Await: Send + Sync + 'static {
    /// Awaits a response.
    fn answered<B, E>(
        response: impl Future<Output = Result<Response<B>, E>>,
    ) -> impl Future<Output = Result<(Parts, Payload), Error>>
    where
        B: HttpBody<Data: Buf, Error: Into<BoxError>> + 'static,
        E: ServiceError;
}

/// Awaits a response with all of its body.
pub(crate) struct Whole;

/// Awaits the head of a response, whose body is streamed.
pub(crate) struct Streamed;

impl Await for Whole {
    fn answered<B, E>(
        response: impl Future<Output = Result<Response<B>, E>>,
    ) -> impl Future<Output = Result<(Parts, Payload), Error>>
    where
        B: HttpBody<Data: Buf, Error: Into<BoxError>> + 'static,
        E: ServiceError,
    {
        whole(response)
    }
}

impl Await for Streamed {
    async fn answered<B, E>(response: impl Future<Output = Result<Response<B>, E>>) -> Result<(Parts, Payload), Error>
    where
        B: HttpBody<Data: Buf, Error: Into<BoxError>> + 'static,
        E: ServiceError,
    {
        let (parts, body) = response.await.map_err(ServiceError::into_error)?.into_parts();
        let mut body = Box::pin(body);
        let frames: Frames = Box::new(move |cx| {
            loop {
                match ready!(body.as_mut().poll_frame(cx)) {
                    None => return Poll::Ready(None),
                    Some(Err(error)) => return Poll::Ready(Some(Err(body_failed(error)))),
                    Some(Ok(frame)) => {
                        // Trailers have no place in a reply.
                        if let Ok(mut data) = frame.into_data() {
                            return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
                        }
                    }
                }
            }
        });
        Ok((parts, Payload { bytes: Bytes::new(), frames: Some(frames) }))
    }
}

#[cold]
fn body_failed(error: impl Into<BoxError>) -> Error {
    Error::of_boxed(&error.into()).context("the body of the response failed")
}

/// Awaits a response and all of its body.
async fn whole<B, E>(response: impl Future<Output = Result<Response<B>, E>>) -> Result<(Parts, Payload), Error>
where
    B: HttpBody<Data: Buf, Error: Into<BoxError>>,
    E: ServiceError,
{
    let (parts, body) = response.await.map_err(ServiceError::into_error)?.into_parts();
    let mut body = pin!(body);
    let (mut first, mut more) = (Bytes::new(), Vec::new());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(body_failed)?;
        // Trailers have no place in a reply.
        let Ok(mut data) = frame.into_data() else { continue };
        if first.is_empty() {
            first = data.copy_to_bytes(data.remaining());
            continue;
        }
        if more.is_empty() {
            more.extend_from_slice(&first);
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            more.extend_from_slice(chunk);
            let length = chunk.len();
            data.advance(length);
        }
    }
    let bytes: Bytes = if more.is_empty() { first } else { more.into() };
    Ok((parts, bytes.into()))
}
