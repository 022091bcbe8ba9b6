//! From whose address a request comes, also where a proxy of one's own stands in front.
//!
//! `X-Forwarded-For` is read from its end, for as long as whoever added to it is a proxy of the configuration. What
//! a client writes there itself stands before that, and is not looked at.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Deserialize;

use crate::Api;

/// Addresses that share their first bits, as `10.0.0.0/8`; or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let shift = 32 - self.bits;
                first.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let shift = 128 - self.bits;
                first.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is no address or network such as 10.0.0.7 or 10.0.0.0/8");
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (first, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = first.parse().map_err(|_| bad())?;
        let bits_max = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(bits_max), str::parse).map_err(|_| bad())?;
        if bits > bits_max {
            return Err(bad());
        }
        Ok(Self { first, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Who is at the other end of the connection, as the accept loop saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// From whose address a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) IpAddr);

impl FromRequestParts<Arc<Api>> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &api.settings.proxies))
    }
}

impl Address {
    pub(crate) fn of(parts: &Parts, proxies: &[Network]) -> Self {
        let peer = parts.extensions.get::<Peer>();
        let Peer(peer) = peer.expect("the accept loop says who is at the other end");
        Self(behind(*peer, &parts.headers, proxies))
    }
}

fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let known = |address: IpAddr| proxies.iter().any(|network| network.has(address));
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut named = lines.flat_map(|line| line.rsplit(',')).map(str::trim);
    let mut address = peer;
    while known(address) {
        // What does not read as an address says nothing of who is before it.
        let Some(before) = named.next().and_then(|name| name.parse().ok()) else {
            break;
        };
        address = before;
    }
    address
}

/// Of IPv6 whoever has one address has as many as fit in 64 bits.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let shared = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(shared).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_through(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    /// Each row says who asked, by what the connection and the header say.
    #[test]
    fn only_a_proxy_of_ones_own_is_believed_and_only_about_whom_it_saw() {
        let ladder: [(&str, &[&str], &[&str], &str); 7] = [
            ("1.1.1.1", &["9.9.9.9"], &[], "1.1.1.1"),
            ("1.1.1.1", &["9.9.9.9"], &["10.0.0.0/8"], "1.1.1.1"),
            ("10.0.0.7", &[], &["10.0.0.0/8"], "10.0.0.7"),
            ("10.0.0.7", &["9.9.9.9"], &["10.0.0.0/8"], "9.9.9.9"),
            (
                "10.0.0.7",
                &["8.8.8.8, 9.9.9.9"],
                &["10.0.0.0/8"],
                "9.9.9.9",
            ),
            (
                "10.0.0.7",
                &["8.8.8.8", "9.9.9.9, 10.0.0.8"],
                &["10.0.0.0/8"],
                "9.9.9.9",
            ),
            ("10.0.0.7", &["9.9.9.9, nobody"], &["10.0.0.7"], "10.0.0.7"),
        ];
        for (peer, forwarded, proxies, expected) in ladder {
            let asked = asked_through(peer, forwarded, proxies);
            assert_eq!(asked, expected, "{peer} {forwarded:?} {proxies:?}");
        }
    }

    #[test]
    fn a_network_is_what_shares_its_first_bits() {
        let network: Network = "2001:db8::/32".parse().unwrap();
        assert!(network.has("2001:db8:7::1".parse().unwrap()));
        assert!(!network.has("2001:db9::1".parse().unwrap()));
        assert!(!network.has("10.0.0.1".parse().unwrap()));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.has("8.8.8.8".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "ten"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
