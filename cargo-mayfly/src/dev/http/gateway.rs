//! [`Gateway`]: serves a browser's request through an HTTP function.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use cargo_mayfly::emulator::Invocation;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, EXPECT, HOST, HeaderName, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode, Uri};
use uuid::Uuid;

use crate::console::say;
use crate::dev::body::{self, BodyError};
use crate::dev::fleet::lambda::Lambda;
use crate::dev::fleet::running::Running;
use crate::dev::http::directory::{Directory, Place};
use crate::dev::http::event::{self, Connection};
use crate::dev::http::host;
use crate::dev::http::page::Page;
use crate::dev::http::response::{failure, no_response, of_reply, response};
use crate::dev::http::streamed::Streamed;
use crate::dev::refusal::Refusal;
use crate::dev::response_body::{ResponseBody, is_streamed, whole};
use crate::dev::server::Served;
use crate::lambda::http_stream::{self, HttpHead};
use crate::lambda::limits::MAX_EVENT_BYTES;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The local gateway in front of the HTTP functions.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// The address that it listens on.
    pub(crate) address: SocketAddr,
    pub(crate) lambda: Arc<Lambda>,
}

impl Gateway {
    /// Serves a request and prints a line about it.
    pub(crate) async fn serve(&self, request: Request<Incoming>, client: IpAddr) -> Served {
        let begun = Instant::now();
        let request_id = Uuid::new_v4().to_string();
        // Without the query, which may hold a secret.
        let what = format!("{} {}", request.method(), request.uri().path());
        let headers = request.headers().clone();
        let directory = Directory::of(&self.lambda.catalog());
        let mut name = "http".to_owned();
        let connection = Connection { client, server: self.address, request_id: &request_id };
        let answer = self.answer(request, &directory, connection, &mut name).await;
        let mut response = answer.unwrap_or_else(|page| page.into_response(&headers).map(whole));
        response.headers_mut().extend(HeaderValue::from_str(&request_id).ok().map(|id| (REQUEST_ID, id)));
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        let streaming = if is_streamed(response.body()) { ", streaming" } else { "" };
        say(format_args!("{name} | {what}: {} in {milliseconds:.2} ms{streaming}", response.status()));
        Ok(response)
    }

    /// Finds the function for a request, and invokes it. The page is the answer where none is invoked or it fails.
    async fn answer(
        &self,
        request: Request<Incoming>,
        directory: &Directory,
        connection: Connection<'_>,
        name: &mut String,
    ) -> Result<Response<ResponseBody>, Page> {
        let (head, body) = request.into_parts();
        if let Err(page) = self.check(&head, &body) {
            body::discard(body, &head.headers).await;
            return Err(page);
        }
        let body = body::read(body, MAX_EVENT_BYTES).await.map_err(unread)?;
        let target = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let target: PathAndQuery = match directory.find(target) {
            Place::Function(handler, target) => {
                handler.clone_into(name);
                // The rest of a path that was parsed is a valid path, too.
                target.parse().map_err(|_| Page::new(StatusCode::BAD_REQUEST, format!("{target} is not a path")))?
            }
            Place::Folder(path) => return Ok(moved(&path).map(whole)),
            Place::Root | Place::Nowhere if directory.is_empty() => {
                return Err(Page::new(StatusCode::NOT_FOUND, "the build has no HTTP functions"));
            }
            Place::Root => return Err(list(Page::new(StatusCode::OK, "HTTP functions"), directory)),
            Place::Nowhere => {
                let page = Page::new(StatusCode::NOT_FOUND, format!("no HTTP function is at {}", head.uri.path()));
                return Err(list(page.sentence("The functions are at:"), directory));
            }
        };
        self.invoke(name, request_of(head, target, body), connection).await
    }

    /// Refuses what never reaches a function.
    fn check(&self, head: &Parts, body: &Incoming) -> Result<(), Page> {
        if self.address.ip().is_loopback()
            && let Some(host) = host::foreign(&head.uri, &head.headers)
        {
            let page = Page::new(StatusCode::FORBIDDEN, format!("the host `{host}` is not this machine"));
            let address = self.address;
            return Err(page.sentence(format!("Use http://{address}/ or http://localhost:{}/.", address.port())));
        }
        if head.headers.get_all(HOST).iter().count() > 1 {
            return Err(Page::new(StatusCode::BAD_REQUEST, "the request has several Host headers"));
        }
        if head.method == Method::CONNECT {
            return Err(Page::new(StatusCode::METHOD_NOT_ALLOWED, "this server is not a proxy"));
        }
        // A client that waits for permission to send a body that is too large need not send it.
        let is_too_large = body.size_hint().lower() > MAX_EVENT_BYTES as u64;
        if is_too_large && head.headers.contains_key(EXPECT) { Err(too_large()) } else { Ok(()) }
    }

    async fn invoke(
        &self,
        name: &str,
        mut request: Request<Bytes>,
        connection: Connection<'_>,
    ) -> Result<Response<ResponseBody>, Page> {
        let target = self.lambda.find(name).map_err(refused)?;
        let trace_id = event::pass_on(&mut request, connection);
        let event = event::event(&request, connection);
        if event.len() > MAX_EVENT_BYTES {
            return Err(too_large());
        }
        let mut invocation = Invocation::new(event);
        invocation.request_id = Some(connection.request_id.to_owned());
        invocation.trace_id = Some(trace_id);
        let mut running = self.lambda.stream(name.to_owned(), target, invocation).map_err(refused)?;
        match running.content_type().await {
            Some(content_type) => streamed(running, &content_type, name, &request).await,
            None => {
                let invoked = running.invoked().await.map_err(refused)?;
                response(&invoked.outcome, name, request.method()).map(|response| response.map(whole))
            }
        }
    }
}

/// Makes the response of a stream, once its status and headers have arrived.
async fn streamed(
    mut running: Running,
    content_type: &str,
    name: &str,
    request: &Request<Bytes>,
) -> Result<Response<ResponseBody>, Page> {
    let (mut answer, mut first) = (Response::new(()), Bytes::new());
    if content_type == http_stream::CONTENT_TYPE {
        let Some((head, rest)) = head_of(&mut running).await.map_err(|why| no_response(name, why))? else {
            let invoked = running.invoked().await.map_err(refused)?;
            return Err(failure(&invoked.outcome, name));
        };
        answer = of_reply(&head, name, request.method())?.map(drop);
        first = rest;
    } else if let Ok(content_type) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    if *request.method() == Method::HEAD || matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    {
        // The server would drop a body that it does not send, and so break the stream off.
        while running.chunk().await.is_some() {}
        let invoked = running.invoked().await.map_err(refused)?;
        return match invoked.outcome.error() {
            None => Ok(answer.map(|()| whole(Bytes::new()))),
            Some(_) => Err(failure(&invoked.outcome, name)),
        };
    }
    let what = format!("{name} | {} {}", request.method(), request.uri().path());
    Ok(answer.map(|()| Streamed::new(first, running, what).boxed_unsync()))
}

/// Waits for the head of a streamed response. Returns `None` if the stream ends before.
async fn head_of(running: &mut Running) -> Result<Option<(Vec<u8>, Bytes)>, String> {
    let mut head = HttpHead::default();
    while let Some(chunk) = running.chunk().await {
        if let Some(found) = head.push(&chunk)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn request_of(head: Parts, target: PathAndQuery, body: Bytes) -> Request<Bytes> {
    let mut request = Request::from_parts(head, body);
    *request.uri_mut() = Uri::from(target);
    request
}

fn list(page: Page, directory: &Directory) -> Page {
    directory.pages().into_iter().fold(page, |page, (path, function)| page.link(path, function))
}

fn moved(path: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().extend(HeaderValue::from_str(path).ok().map(|path| (LOCATION, path)));
    response
}

fn unread(error: BodyError) -> Page {
    match error {
        BodyError::Incomplete(error) => {
            Page::new(StatusCode::BAD_REQUEST, format!("the body of the request is incomplete: {error}"))
        }
        BodyError::TooLarge => too_large(),
    }
}

fn too_large() -> Page {
    let heading = format!("the event of the request has more than {MAX_EVENT_BYTES} bytes, which is Lambda's limit");
    let why = "A body that is not text in UTF-8 is in the event as base64, and so a third larger.";
    Page::new(StatusCode::PAYLOAD_TOO_LARGE, heading).sentence(why)
}

/// Returns the page for a refusal of the local Lambda service.
fn refused(refusal: Refusal) -> Page {
    let status = match StatusCode::from_u16(refusal.status) {
        Ok(status) if status.is_client_error() => status,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    Page::new(status, refusal.message)
}
