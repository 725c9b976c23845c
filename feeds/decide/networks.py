"""Which network a visitor comes from: the one that one household, office or attacker has. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

_BITS = {4: 24, 6: 56}


def find_network(address: str) -> str | None:
    """Return the /24 or /56 of an IP address, `203.0.113.0/24`.

    None: it is no IP address, as of a Unix socket, or this machine's own, as of a proxy that says nothing of visitors.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped: IPv4Address | None = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback:
        return None
    return str(ip_network((found, _BITS[found.version]), strict=False))
