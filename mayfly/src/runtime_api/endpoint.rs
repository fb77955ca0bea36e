//! `Endpoint`: the address of the Runtime API, read from `AWS_LAMBDA_RUNTIME_API` in each of its forms.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The number of further tries while the connection is refused, one second in all: AWS's Runtime Interface Emulator
/// starts a function before it listens itself.
const RETRIES: u32 = 200;
/// The pause before each further try.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// The address of the Runtime API, resolved once.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// The value of the header `Host`.
    pub(crate) host: String,
    /// The path before `/2018-06-01/…`, by which emulators tell functions apart.
    prefix: String,
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether this endpoint or a clone of it has ever accepted a connection.
    was_reached: Arc<AtomicBool>,
}

impl Endpoint {
    /// Parses `host:port`, with or without `http://` before it and a path after it. Returns a sentence that names the
    /// variable if the value has another form or the host has no address.
    pub(crate) fn parse(variable: &str) -> Result<Self, String> {
        Self::read(variable).map_err(|why| {
            format!(
                "AWS_LAMBDA_RUNTIME_API is `{variable}`, which is not an address of the Lambda Runtime API ({why}); \
                 set it to `host:port`"
            )
        })
    }

    fn read(variable: &str) -> io::Result<Self> {
        let wrong = |why| io::Error::new(ErrorKind::InvalidInput, why);
        let bare = variable.strip_prefix("http://").unwrap_or(variable).trim_end_matches('/');
        if bare.contains("://") {
            return Err(wrong("only plain http is supported"));
        }
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("it contains characters that no address has"));
        }
        let (authority, prefix) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Ok(Self {
            host: host.to_owned(),
            prefix: prefix.to_owned(),
            addresses: resolve(host)?,
            was_reached: Arc::default(),
        })
    }

    /// Appends the path of a resource of the Runtime API: the prefix, `/2018-06-01/runtime`, then `segments`.
    pub(crate) fn write_path(&self, buffer: &mut Vec<u8>, segments: &[&str]) {
        for part in [&self.prefix, "/2018-06-01/runtime"].iter().chain(segments) {
            buffer.extend(part.as_bytes());
        }
    }

    /// Returns the path before `/2018-06-01/…` and `/2020-01-01/…`.
    #[cfg(feature = "shutdown")]
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the same path as text, for a message.
    pub(crate) fn path(&self, segments: &[&str]) -> String {
        [&[&*self.prefix, "/2018-06-01/runtime"], segments].concat().concat()
    }

    /// Opens a connection to the first address that accepts one before `until`. Returns the error of the last address,
    /// or `TimedOut`.
    pub(crate) fn connect_by(&self, until: Instant) -> io::Result<TcpStream> {
        self.retry_until_up(&thread::sleep, &|| {
            let mut outcome = Err(ErrorKind::TimedOut.into());
            for address in &self.addresses {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                outcome = TcpStream::connect_timeout(address, left);
                if outcome.is_ok() {
                    break;
                }
            }
            outcome
        })
    }

    /// Connects, and tries again for up to a second while the endpoint is not listening yet. After the first
    /// connection, a refused connection is final. Returns the error of the last try.
    pub(crate) fn retry_until_up<T>(
        &self,
        pause: &dyn Fn(Duration),
        connect: &dyn Fn() -> io::Result<T>,
    ) -> io::Result<T> {
        let is_not_up_yet = |error: &io::Error| {
            error.kind() == ErrorKind::ConnectionRefused && !self.was_reached.load(Ordering::Relaxed)
        };
        let mut outcome = connect();
        for _ in 0..RETRIES {
            if !outcome.as_ref().is_err_and(is_not_up_yet) {
                break;
            }
            pause(RETRY_PAUSE);
            outcome = connect();
        }
        self.was_reached.fetch_or(outcome.is_ok(), Ordering::Relaxed);
        outcome
    }
}

/// Resolves `host` or `host:port`; the default port is 80.
fn resolve(host: &str) -> io::Result<Vec<SocketAddr>> {
    let wrong = |why| io::Error::new(ErrorKind::InvalidInput, why);
    // An IPv6 address has colons of its own inside its brackets.
    let (name, port) = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).unwrap_or((host, "80"));
    let port: u16 = port.parse().map_err(|_| wrong("its port is not a number below 65536"))?;
    if name.is_empty() {
        return Err(wrong("it has no host"));
    }
    let addresses: Vec<_> = format!("{name}:{port}").to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(ErrorKind::NotFound, "the host has no address"));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn every_form_of_the_variable_is_read() {
        for (variable, host, prefix, address) in [
            ("127.0.0.1:9001", "127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("127.0.0.1:9001/", "127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("http://127.0.0.1:9001", "127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("http://127.0.0.1:9001/.rt/fn", "127.0.0.1:9001", "/.rt/fn", "127.0.0.1:9001"),
            ("127.0.0.1:9001/.rt/", "127.0.0.1:9001", "/.rt", "127.0.0.1:9001"),
            ("me:secret@127.0.0.1:9001", "127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("[::1]:9001", "[::1]:9001", "", "[::1]:9001"),
            ("[::1]", "[::1]", "", "[::1]:80"),
            ("127.0.0.1", "127.0.0.1", "", "127.0.0.1:80"),
        ] {
            let endpoint = Endpoint::parse(variable).unwrap();
            assert_eq!(endpoint.host, host, "{variable}");
            assert_eq!(endpoint.prefix, prefix, "{variable}");
            assert_eq!(endpoint.addresses, [address.parse().unwrap()], "{variable}");
        }
        assert!(Endpoint::parse("localhost:9001").unwrap().addresses.iter().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn a_refused_connection_is_tried_again_only_until_the_first_one_succeeds() {
        let tries = AtomicU32::new(0);
        let refused = || -> io::Result<()> {
            tries.fetch_add(1, Ordering::Relaxed);
            Err(ErrorKind::ConnectionRefused.into())
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let clone = endpoint.clone();
        endpoint.retry_until_up(&|_| {}, &refused).unwrap_err();
        assert_eq!(tries.swap(0, Ordering::Relaxed), 1 + RETRIES);
        clone.connect_by(Instant::now() + Duration::from_secs(60)).unwrap();
        endpoint.retry_until_up(&|_| {}, &refused).unwrap_err();
        assert_eq!(tries.into_inner(), 1);
    }

    #[test]
    fn an_invalid_address_is_reported_with_the_reason() {
        for (variable, why) in [
            ("https://127.0.0.1:9001", "only plain http is supported"),
            ("not an address", "contains characters that no address has"),
            ("127.0.0.1:9001/a\r\nb: c", "contains characters that no address has"),
            ("127.0.0.1:port", "its port is not a number"),
            ("127.0.0.1:65536", "its port is not a number"),
            (":9001", "it has no host"),
        ] {
            let message = Endpoint::parse(variable).unwrap_err();
            assert!(message.starts_with(&format!("AWS_LAMBDA_RUNTIME_API is `{variable}`")), "{message}");
            assert!(message.contains(why), "{message}");
        }
    }
}
