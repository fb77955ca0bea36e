//! An HTTP request, as the event of a source, and the response in the reply.

use std::fmt::Write;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use mayfly::testing::Via;
use ureq::http::header::{HeaderName, HeaderValue};
use ureq::http::{Method, Request, Response, Uri};

use crate::lambda::http_stream::HttpHead;
use crate::opts;

/// Returns the source that the flags name.
pub(super) fn via(source: opts::RequestSource) -> Via {
    match source {
        opts::RequestSource::HttpApi => Via::HttpApi,
        opts::RequestSource::Rest => Via::RestApi,
        opts::RequestSource::Url => Via::FunctionUrl,
        opts::RequestSource::Alb => Via::Alb,
        opts::RequestSource::AlbMulti => Via::AlbMultiValue,
        opts::RequestSource::Lattice => Via::Lattice,
        opts::RequestSource::Websocket => Via::WebSocket,
    }
}

/// Makes the event that the source sends for a request.
pub(super) fn event(request: &str, flags: &opts::RequestFlags, body: Vec<u8>) -> Result<Vec<u8>> {
    let (method, target) = request.trim().split_once(char::is_whitespace).unwrap_or(("GET", request.trim()));
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| anyhow!("--request: `{method}` is not a method"))?;
    let target = target.trim_start();
    if !target.starts_with('/') {
        bail!("--request is `{request}`: write a method and a path, such as 'POST /orders?page=3'");
    }
    let uri: Uri = target.parse().with_context(|| format!("--request: `{target}` is not a path that HTTP allows"))?;
    let mut request = Request::new(Bytes::from(body));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    for line in &flags.headers {
        let (name, value) = line.split_once(':').ok_or_else(|| anyhow!("--header is `{line}`: write `NAME: VALUE`"))?;
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        let header = name.ok().zip(HeaderValue::from_str(value.trim()).ok());
        let (name, value) = header.ok_or_else(|| anyhow!("--header `{line}` is not one that HTTP allows"))?;
        request.headers_mut().try_append(name, value).map_err(|_| anyhow!("there are too many of --header"))?;
    }
    Ok(via(flags.source).event(&request).to_string().into_bytes())
}

/// Shows the response in a reply: its status line, its headers and its body. A streamed reply may have been collected.
/// Fails with the reason for which the reply has no response.
pub(super) fn response(source: opts::RequestSource, reply: &[u8]) -> Result<Vec<u8>, String> {
    if let Ok(Some((streamed, body))) = HttpHead::default().push(reply) {
        return Ok([&*head(source, &streamed)?, &body].concat());
    }
    let response = via(source).response(reply)?;
    Ok([&*shown(&response), response.body()].concat())
}

/// Shows the head of a streamed response: its status line and its headers.
pub(super) fn head(source: opts::RequestSource, head: &[u8]) -> Result<Vec<u8>, String> {
    via(source).response(head).map(|response| shown(&response))
}

fn shown(response: &Response<Bytes>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\n", response.status());
    for (name, value) in response.headers() {
        let _ = writeln!(head, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    head.push('\n');
    head.into_bytes()
}
