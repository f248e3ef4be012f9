//! Whose request it is: the address at the other end, or the one that a proxy which we trust says it has from there.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderValue};
use ipnet::IpNet;

/// What proxies write the addresses into, the nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word about their clients' addresses counts.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// From a list of addresses and networks such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// The entries that are neither.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        let (mut networks, mut mistakes) = (Vec::new(), Vec::new());
        for entry in entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty()) {
            match entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => mistakes.push(format!("{entry:?} is no address or network such as 10.0.0.0/8")),
            }
        }
        if mistakes.is_empty() { Ok(Self(networks)) } else { Err(mistakes) }
    }

    /// Whether the address is one of them.
    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client's address; `None` when a trusted proxy does not say it.
    pub fn client_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.client(request.peer_addr()?.ip().to_canonical(), request.headers())
    }

    /// The nearest address that is no trusted proxy's: what is further away may be made up.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.trust(peer) {
            return Some(peer);
        }
        let lines: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).map(HeaderValue::as_bytes).collect();
        let parts = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        let mut nearest_first = parts.map(<[u8]>::trim_ascii).filter(|part| !part.is_empty()).map(address);
        nearest_first.find(|address| address.is_none_or(|address| !self.trust(address))).flatten()
    }
}

/// An address as proxies write it, with or without a port.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let address = plain.or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip())).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderName;

    fn client(peer: &str, forwarded: &[&[u8]]) -> Option<String> {
        let proxies = TrustedProxies::parse(["127.0.0.0/8", "::1", "10.1.0.0/16"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(HeaderName::from_static(FORWARDED_FOR), HeaderValue::from_bytes(line).unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn the_nearest_address_that_is_no_proxys_counts() {
        for (peer, forwarded, found) in [
            ("203.0.113.7", &[] as &[&[u8]], Some("203.0.113.7")),
            ("203.0.113.7", &[b"198.51.100.1"], Some("203.0.113.7")),
            ("127.0.0.1", &[b"198.51.100.1"], Some("198.51.100.1")),
            ("127.0.0.1", &[b"6.6.6.6, 198.51.100.1, 10.1.2.3"], Some("198.51.100.1")),
            ("127.0.0.1", &[b"6.6.6.6", b"198.51.100.1:4711, 10.1.2.3:80"], Some("198.51.100.1")),
            ("127.0.0.1", &[b"\xff, 198.51.100.1,"], Some("198.51.100.1")),
            ("::1", &[b"[2001:db8::1]:443"], Some("2001:db8::1")),
            ("127.0.0.1", &[b"6.6.6.6, unknown"], None),
            ("127.0.0.1", &[], None),
        ] {
            assert_eq!(client(peer, forwarded).as_deref(), found, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_told() {
        let wrong = TrustedProxies::parse(["10.0.0.0/8", "nginx", "10.0.0.0/99"]).unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert!(wrong[0].contains("nginx"));
    }
}
