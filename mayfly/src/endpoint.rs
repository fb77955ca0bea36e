//! Where the Runtime API is: `AWS_LAMBDA_RUNTIME_API` in each of its forms.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Instant;

use ureq::http::Uri;
use ureq::http::uri::{Authority, PathAndQuery};

/// The address of the Runtime API, resolved once.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) authority: Authority,
    /// What stands before `/2018-06-01/…`; emulators tell functions apart by it.
    pub(crate) prefix: String,
    pub(crate) addresses: Vec<SocketAddr>,
}

impl Endpoint {
    /// Reads `host:port`, with or without `http://` before it and a path behind it.
    ///
    /// # Errors
    /// A sentence that names the variable, if it is none of that or the host has no address.
    pub(crate) fn parse(variable: &str) -> Result<Self, String> {
        let wrong = |why: &dyn std::fmt::Display| {
            format!(
                "AWS_LAMBDA_RUNTIME_API is `{variable}`, which is not an address of the Lambda Runtime API ({why}); \
                 set it to `host:port`"
            )
        };
        let bare = variable.strip_prefix("http://").unwrap_or(variable).trim_end_matches('/');
        if bare.contains("://") {
            return Err(wrong(&"it is reached by plain http only"));
        }
        let uri: Uri = format!("http://{bare}").parse().map_err(|error| wrong(&error))?;
        let authority = uri.authority().cloned().ok_or_else(|| wrong(&"it names no host"))?;
        let addresses = resolve(&authority).map_err(|error| wrong(&error))?;
        let prefix = uri.path_and_query().map_or("", PathAndQuery::as_str).trim_end_matches('/').to_owned();
        Ok(Self { authority, prefix, addresses })
    }

    /// What the header `Host` says.
    pub(crate) fn host(&self) -> &str {
        let authority = self.authority.as_str();
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }

    /// The path of a resource of the Runtime API: `/2018-06-01/runtime` behind the prefix, then `segments`.
    pub(crate) fn path(&self, segments: &[&str]) -> String {
        let mut path = String::with_capacity(self.prefix.len() + 128);
        path.extend([self.prefix.as_str(), "/2018-06-01/runtime"]);
        path.extend(segments.iter().copied());
        path
    }

    /// Opens a connection to the first address that takes one.
    ///
    /// # Errors
    /// What the last address said.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.addresses.as_slice())
    }

    /// The same within a time.
    ///
    /// # Errors
    /// What the last address said, or that the time is over.
    pub(crate) fn connect_by(&self, until: Instant) -> io::Result<TcpStream> {
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
    }
}

fn resolve(authority: &Authority) -> io::Result<Vec<SocketAddr>> {
    let port = match authority.port_u16() {
        None if authority.as_str() != authority.host() => {
            return Err(io::Error::new(ErrorKind::InvalidInput, "its port is not a number below 65536"));
        }
        port => port.unwrap_or(80),
    };
    let addresses: Vec<_> = format!("{}:{port}", authority.host()).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(ErrorKind::NotFound, "the host has no address"));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_variable_is_read() {
        for (variable, prefix, address) in [
            ("127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("127.0.0.1:9001/", "", "127.0.0.1:9001"),
            ("http://127.0.0.1:9001", "", "127.0.0.1:9001"),
            ("http://127.0.0.1:9001/.rt/fn", "/.rt/fn", "127.0.0.1:9001"),
            ("127.0.0.1:9001/.rt/", "/.rt", "127.0.0.1:9001"),
            ("[::1]:9001", "", "[::1]:9001"),
            ("127.0.0.1", "", "127.0.0.1:80"),
        ] {
            let endpoint = Endpoint::parse(variable).unwrap();
            assert_eq!(endpoint.prefix, prefix, "{variable}");
            assert_eq!(endpoint.addresses, [address.parse().unwrap()], "{variable}");
        }
        assert!(Endpoint::parse("localhost:9001").unwrap().addresses.iter().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn what_is_no_address_is_named() {
        for variable in ["https://127.0.0.1:9001", "not an address", "127.0.0.1:port", ":9001"] {
            let message = Endpoint::parse(variable).unwrap_err();
            assert!(message.starts_with(&format!("AWS_LAMBDA_RUNTIME_API is `{variable}`")), "{message}");
        }
    }
}
