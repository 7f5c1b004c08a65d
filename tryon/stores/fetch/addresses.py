"""Which IP addresses are public servers.

A list of its own beside `ipaddress.is_global`: that says yes to multicast, to IPv4 addresses wrapped in IPv6 (NAT64,
6to4) and to Azure's metadata server, and changes between Python versions. Sources: the IANA special-purpose address
registries for IPv4 and IPv6 (RFC 6890 and updates).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers (CGNAT); Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's metadata and DNS, though a public address
        "169.254.0.0/16",  # link-local; metadata of AWS, Google, Azure
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_IPV6_UNICAST = IPv6Network("2000::/3")
"""All that is routed on the internet. Outside: loopback, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and
64:ff9b:1::/48), discard, segment routing, unique local (with AWS's metadata), link-local, site-local, multicast."""
_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, with Teredo (2001::/32), benchmarks and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(text: str) -> bool:
    """text: a literal address, as a resolver gives it; with a zone (fe80::1%eth0) it is local."""
    if "%" in text:
        return False
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return _is_public_4(address)
    return _is_public_6(address)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _IPV4)


def _is_public_6(address: IPv6Address) -> bool:
    """An IPv4 address wrapped in one is refused whatever it is: no server is reached that way only."""
    return address in _IPV6_UNICAST and address.is_global and not any(address in network for network in _IPV6)
