//! Checks the host of a request, against web pages that reach this server under a name of their own.

use std::net::IpAddr;

use hyper::Uri;
use hyper::header::{HOST, HeaderMap};
use hyper::http::uri::Authority;

/// Returns a host in a request that is not an address and not `localhost`. An empty one is none.
///
/// A web page can give its own name the address 127.0.0.1, and its scripts then read the responses of a server that
/// listens there (DNS rebinding). The requests still have the page's name as their host.
pub(crate) fn foreign(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let written = headers.get_all(HOST).iter().map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let mut hosts = written.chain(uri.authority().map(Authority::to_string));
    hosts.find(|host| !host.is_empty() && !is_local(host))
}

fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_local() {
        for host in ["127.0.0.1:9100", "127.0.0.1", "[::1]:9100", "localhost", "LocalHost:1", "shop.localhost:80"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "a b", "localhost:x:y"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
