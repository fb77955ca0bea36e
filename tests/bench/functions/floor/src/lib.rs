//! The floor, the least work of any runtime on blocking sockets: one write per request, one read per response, buffers
//! that are reused, and only as much HTTP as finding the body and the request id takes.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::{env, str, thread};

/// Serves invocations until the Runtime API is gone; `reply` makes a reply from an event and a request id.
///
/// # Errors
/// The last error of the connection.
pub fn serve(reply: fn(&[u8], &str, &mut Vec<u8>)) -> io::Result<()> {
    let pollers = env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok().and_then(|most| most.parse().ok()).unwrap_or(1);
    for _ in 1..pollers {
        thread::spawn(move || poll(reply));
    }
    poll(reply)
}

fn poll(reply: fn(&[u8], &str, &mut Vec<u8>)) -> io::Result<()> {
    let api = env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(&api)?;
    stream.set_nodelay(true)?;
    let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n");
    let (mut input, mut body, mut output) = (vec![0; 16 << 10], Vec::new(), Vec::new());
    loop {
        stream.write_all(next.as_bytes())?;
        let answer = Answer::read(&mut stream, &mut input)?;
        body.clear();
        reply(answer.body, answer.request_id, &mut body);
        output.clear();
        write!(
            output,
            "POST /2018-06-01/runtime/invocation/{}/response HTTP/1.1\r\nhost: {api}\r\ncontent-length: {}\r\n\r\n",
            answer.request_id,
            body.len()
        )?;
        output.extend_from_slice(&body);
        stream.write_all(&output)?;
        Answer::read(&mut stream, &mut input)?;
    }
}

/// A response of the server.
struct Answer<'a> {
    request_id: &'a str,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    fn read(stream: &mut TcpStream, input: &'a mut Vec<u8>) -> io::Result<Self> {
        let (mut filled, mut end) = (0, None);
        while end.is_none_or(|end| filled < end) {
            let amount = stream.read(&mut input[filled..])?;
            if amount == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += amount;
            if end.is_none() {
                end = head(&input[..filled]).map(|head| head.len() + length(head));
                let room = end.unwrap_or(filled * 2);
                if input.len() < room {
                    input.resize(room, 0);
                }
            }
        }
        let head = head(&input[..filled]).unwrap_or_default();
        let request_id = str::from_utf8(header(head, b"lambda-runtime-aws-request-id: ")).map_err(io::Error::other)?;
        Ok(Self { request_id, body: &input[head.len()..filled] })
    }
}

fn head(input: &[u8]) -> Option<&[u8]> {
    let end = input.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(&input[..end + 4])
}

fn length(head: &[u8]) -> usize {
    str::from_utf8(header(head, b"content-length: ")).ok().and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Returns the value of a header; empty if there is none.
fn header<'a>(head: &'a [u8], name: &[u8]) -> &'a [u8] {
    let lines = head.split(|&byte| byte == b'\n').filter(|line| line.len() > name.len());
    let mut named = lines.filter(|line| line[..name.len()].eq_ignore_ascii_case(name));
    named.next().map_or(b"", |line| line[name.len()..].trim_ascii_end())
}
