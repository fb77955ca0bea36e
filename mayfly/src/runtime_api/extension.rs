//! The registration of an internal extension, without which Lambda sends no SIGTERM.
//!
//! The protocol is described at <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::connection::{REPORT_TIMEOUT, explained};
use super::endpoint::Endpoint;
use super::request::header;
use super::response::Response;

const IDENTIFIER: &str = "lambda-extension-identifier";
/// The longest time that each wait of the registration may take.
const TIMEOUT: Duration = REPORT_TIMEOUT;

/// Registers an extension that subscribes to no event, and asks for its first event, which ends its init and never
/// comes. The extension exists while the connection is open.
pub(crate) fn register(endpoint: &Endpoint) -> io::Result<TcpStream> {
    try_to_register(endpoint).map_err(explained)
}

fn try_to_register(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let mut stream = connect(endpoint)?;
    let body = br#"{"events":[]}"#;
    let mut request = begin(endpoint, "POST", "/register");
    header(&mut request, "lambda-extension-name", b"mayfly");
    header(&mut request, "content-type", b"application/json");
    header(&mut request, "content-length", body.len().to_string().as_bytes());
    stream.write_all(&[&request, &b"\r\n"[..], body].concat())?;
    let mut response = Response::default();
    let is_reusable = response.receive(&mut stream)?;
    let identifier = response.headers().get(IDENTIFIER).filter(|_| response.status() == 200);
    let identifier = identifier.ok_or_else(|| io::Error::other(response.summary()))?;
    if !is_reusable {
        stream = connect(endpoint)?;
    }
    let mut request = begin(endpoint, "GET", "/event/next");
    header(&mut request, IDENTIFIER, identifier);
    stream.write_all(&[&request, &b"\r\n"[..]].concat())?;
    Ok(stream)
}

fn connect(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let stream = endpoint.connect_by(Instant::now() + TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Returns the beginning of a request, up to the header `Host`.
fn begin(endpoint: &Endpoint, method: &str, path: &str) -> Vec<u8> {
    let mut request = format!("{method} {}/2020-01-01/extension{path} HTTP/1.1\r\n", endpoint.prefix()).into_bytes();
    header(&mut request, "host", endpoint.host.as_bytes());
    request
}
