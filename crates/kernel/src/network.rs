//! The network that an IP address counts as.

use core::net::{IpAddr, Ipv6Addr};

/// The network that counts as one caller: an IPv4 address, or the first 64 bits of an IPv6 address. A
/// household is assigned a whole /64, so a single IPv6 address does not identify a caller.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 => v4,
    }
}

/// The network around an address, as a text: the first 24 bits of an IPv4 address, or the first 64 bits of an
/// IPv6 address. It says roughly from where someone calls and changes less often than the address.
#[must_use]
pub fn neighbourhood_of(address: IpAddr) -> String {
    match network_of(address) {
        IpAddr::V4(v4) => format!("{}/24", core::net::Ipv4Addr::from(u32::from(v4) >> 8 << 8)),
        IpAddr::V6(v6) => format!("{v6}/64"),
    }
}

/// Whether an address is one of the public internet. The others are of a proxy or of machines of our own: they say
/// nothing about a caller.
#[must_use]
pub const fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            // 100.64.0.0/10 is shared between a provider and its customers, and not routed further.
            let is_shared = first == 100 && second & 0b1100_0000 == 64;
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || is_shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies_and_of_ones_own_machines_are_not_public() {
        let of = |text: &str| is_public(text.parse().unwrap());
        let public =
            ["9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "203.0.113.7", "2001:db8::1"];
        assert_eq!(public.map(of), [true; 6]);
        let ours = ["10.0.0.1", "127.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.0.1", "100.64.0.0"];
        assert_eq!(ours.map(of), [false; 6]);
        let ours = ["::1", "::", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "100.127.255.255"];
        assert_eq!(ours.map(of), [false; 6]);
    }

    #[test]
    fn a_neighbourhood_is_a_slash_24_or_a_slash_64() {
        let of = |text: &str| neighbourhood_of(text.parse().unwrap());
        assert_eq!(of("192.0.2.255"), "192.0.2.0/24");
        assert_ne!(of("192.0.3.0"), of("192.0.2.255"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:0:1:ffff::9"), "2001:db8:0:1::/64");
    }

    #[test]
    fn addresses_with_the_same_first_64_bits_are_one_caller() {
        let of = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"), "IPv4 through a socket of IPv6");
    }
}
