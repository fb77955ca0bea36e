//! `TimeLimit`, the time within which the server has to answer, and `Limited`, a socket that keeps to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::connection::uninterrupted;
use super::endpoint::Endpoint;

/// The time that a write may take after the limit. A write to a server that reads does not wait.
const LAST_WRITE: Duration = Duration::from_millis(1);

/// The time within which the server has to answer, however it behaves meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit {
    start: Instant,
    time: Duration,
}

impl TimeLimit {
    /// Creates a limit that begins now.
    pub(crate) fn of(time: Duration) -> Self {
        Self { start: Instant::now(), time }
    }

    /// Returns the earlier limit: this one, or `left` from now on.
    pub(crate) fn within(self, left: Duration) -> Self {
        Self { time: self.time.min(self.start.elapsed().saturating_add(left)), ..self }
    }

    /// Returns the time that is left.
    pub(crate) fn left(self) -> Duration {
        self.time.saturating_sub(self.start.elapsed())
    }

    /// Opens a connection.
    pub(crate) fn connect(self, endpoint: &Endpoint) -> io::Result<TcpStream> {
        endpoint.connect_by(self.start + self.time).map_err(|error| self.explained(error))
    }

    /// Returns a socket whose calls keep to the limit.
    pub(crate) fn on(self, stream: &TcpStream) -> Limited<'_> {
        Limited { stream, limit: self }
    }

    /// Replaces the error of a call that took too long, for which the operating system has no plain words.
    fn explained(self, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => io::Error::new(
                ErrorKind::TimedOut,
                format!("the Runtime API did not answer within {:.1} s", self.time.as_secs_f64()),
            ),
            _ => error,
        }
    }
}

/// A socket whose calls keep to a limit.
pub(crate) struct Limited<'a> {
    stream: &'a TcpStream,
    limit: TimeLimit,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { mut stream, limit } = *self;
        let read = || match limit.left() {
            Duration::ZERO => Err(ErrorKind::TimedOut.into()),
            left => stream.set_read_timeout(Some(left)).and_then(|()| stream.read(buffer)),
        };
        uninterrupted(read).map_err(|error| limit.explained(error))
    }
}

impl Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { mut stream, limit } = *self;
        let write = || {
            stream.set_write_timeout(Some(limit.left().max(LAST_WRITE)))?;
            stream.write(bytes)
        };
        uninterrupted(write).map_err(|error| limit.explained(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Returns a socket and the end of its server.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let stream = TimeLimit::of(Duration::from_secs(60)).connect(&endpoint).unwrap();
        (stream, listener.accept().unwrap().0)
    }

    #[test]
    fn a_server_that_does_not_read_or_does_not_respond_is_named_with_the_time() {
        let (stream, _server) = pair();
        let limit = TimeLimit::of(Duration::from_millis(200));
        let error = limit.on(&stream).write_all(&vec![0; 64 << 20]).unwrap_err();
        assert_eq!(error.to_string(), "the Runtime API did not answer within 0.2 s");
        let limit = TimeLimit::of(Duration::from_millis(300));
        let error = limit.on(&stream).read(&mut [0]).unwrap_err();
        assert_eq!(error.to_string(), "the Runtime API did not answer within 0.3 s");
    }

    #[test]
    fn a_server_that_never_stops_sending_does_not_extend_the_time() {
        let (stream, mut server) = pair();
        let sending = thread::spawn(move || while server.write_all(b"x").is_ok() {});
        let mut limited = TimeLimit::of(Duration::from_millis(200)).on(&stream);
        let error = io::copy(&mut limited, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop(stream);
        sending.join().unwrap();
    }

    #[test]
    fn the_earlier_limit_counts() {
        let limit = TimeLimit::of(Duration::from_secs(60));
        assert!(limit.within(Duration::from_secs(30)).left() <= Duration::from_secs(30));
        assert!(limit.within(Duration::MAX).left() > Duration::from_secs(30));
        assert_eq!(limit.within(Duration::ZERO).left(), Duration::ZERO);
    }
}
