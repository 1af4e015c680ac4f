//! The address of the client, when there are proxies before the service.

use actix_web::http::header::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// The address from which the outermost of `trusted_proxies` proxies was called. Each proxy appends the
/// address of its caller to `X-Forwarded-For`, so the entries are counted from the right, over all header
/// lines in their order; clients may have written the entries further to the left themselves. `peer` is the
/// address that called this service, which is the result if no proxy is trusted.
pub(crate) fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted_proxies: u8,
) -> Option<IpAddr> {
    let peer = peer.map(|address| address.to_canonical());
    let lines: Vec<_> = headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
    let entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
    // If an entry is missing or is not an address, entries further to the left are not used instead.
    entries.take(trusted_proxies.into()).map_while(address_of).last().or(peer)
}

// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`.
fn address_of(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn of(trusted_proxies: u8, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        client_address("10.0.0.1".parse().ok(), &headers, trusted_proxies).unwrap().to_string()
    }

    #[test]
    fn cmp_03_the_client_address_is_the_entry_of_the_outermost_trusted_proxy() {
        let chain = ["198.51.100.1, 192.0.2.7", "10.0.0.2"];
        assert_eq!(of(0, &chain), "10.0.0.1");
        assert_eq!(of(1, &chain), "10.0.0.2");
        assert_eq!(of(2, &chain), "192.0.2.7");
        assert_eq!(of(2, &["192.0.2.7,10.0.0.2"]), "192.0.2.7", "in one line as in two");
        assert_eq!(
            of(2, &["203.0.113.9", "192.0.2.7", "10.0.0.2"]),
            "192.0.2.7",
            "the first line is a caller's"
        );
    }

    #[test]
    fn a_missing_entry_is_not_replaced_by_one_of_the_client() {
        assert_eq!(of(1, &[]), "10.0.0.1");
        assert_eq!(of(3, &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(of(1, &["192.0.2.7, unknown"]), "10.0.0.1");
        assert_eq!(of(2, &["unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(of(1, &["192.0.2.7,"]), "10.0.0.1");
    }

    #[test]
    fn an_address_may_have_brackets_and_a_port() {
        for (entry, address) in [
            ("192.0.2.7:443", "192.0.2.7"),
            (" 2001:db8::1 ", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(of(1, &[entry]), address, "{entry}");
        }
    }
}
