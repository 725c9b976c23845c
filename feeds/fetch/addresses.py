"""Where requests may go: a portal's own hosts, and no address behind our own walls. Pure.

A portal is a stranger: a redirect, a link or its DNS may name 127.0.0.1, a router or a cloud's metadata address, and a
daemon that follows reads for a stranger what only this machine may see.
"""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote_from_bytes, urljoin

import httpx

from feeds.model import Portal

Address = IPv4Address | IPv6Address

_PORTS = {"http": 80, "https": 443}
_WRAPPED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv4 written as IPv6: by a translator (RFC 6052, section 2.1), IPv4-compatible (RFC 4291, section 2.5.5.1)."""


@lru_cache(maxsize=4_096)  # lists are asked for again and again, and reading an address costs as much as the checks
def parse_url(text: str) -> httpx.URL | None:
    """Return an address that a request can be made for, without its fragment; None if there is none in `text`."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    if url.scheme not in _PORTS or not url.host or not 0 < host_and_port(url)[1] < 65536:
        return None
    return url.copy_with(fragment=None) if url.fragment else url


def join_location(url: httpx.URL, location: bytes) -> httpx.URL | None:
    """Return where a Location header leads, None if nowhere. Its bytes may be GBK: they are kept, percent-encoded."""
    text = quote_from_bytes(location.strip(), safe="".join(map(chr, range(0x21, 0x7F))))
    try:
        return parse_url(urljoin(str(url), text))
    except ValueError:
        return None


def host_and_port(url: httpx.URL) -> tuple[str, int]:
    """Return the host as it goes over the wire, without a final dot, and the port with the scheme's default put in."""
    return url.raw_host.decode("ascii").lower().rstrip("."), _PORTS[url.scheme] if url.port is None else url.port


def is_own_host(portal: Portal, url: httpx.URL) -> bool:
    """Whether an address is on the portal's base host or one of its further hosts.

    A host named without a port means the two that need none, 80 and 443: a portal may move from http to https.
    """
    host, port = host_and_port(url)
    return any(host == own and port in ports for own, ports in _list_hosts(portal.base_url, portal.hosts))


@lru_cache(maxsize=4_096)
def _list_hosts(base_url: str, hosts: tuple[str, ...]) -> tuple[tuple[str, frozenset[int]], ...]:
    """Return a portal's hosts, each with the ports that are its own."""
    owns = (parse_url(entry) for entry in (base_url, *(f"http://{host}" for host in hosts)))
    return tuple(
        (host_and_port(own)[0], frozenset({80, 443} if own.port is None else {own.port})) for own in owns if own
    )


@lru_cache(maxsize=4_096)
def read_literal(host: str) -> Address | None:
    """Return the address that a host is, None if it is a name.

    Every spelling that the system's resolver takes for an address counts: 127.1, 0x7f.1, 2130706433, 0177.0.0.1.
    """
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


@lru_cache(maxsize=4_096)
def explain_private(address: Address, *, allow_private: bool) -> str | None:
    """Return why no request may go to an address, as in `127.0.0.1 is a loopback address`; None if one may.

    `allow_private` admits loopback and private networks. Link-local addresses (a cloud's metadata is there), multicast
    and the unspecified address are never admitted.
    """
    for part in _unwrap(address):
        kind = _name_kind(part)
        if kind in {"loopback", "private"} and not allow_private:
            return f"{address} is a {kind} address, and the portal's allow_private is off"
        if kind in {"link-local", "multicast", "unspecified"}:
            return f"{address} is a {kind} address, which no portal has"
    return None


def _unwrap(address: Address) -> tuple[Address, ...]:
    """Return the address, or the IPv4 addresses inside it: what it says is where the packets end."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    # ::1 and :: are of ::/96 and mean themselves.
    if int(address) > 1 and any(address in network for network in _WRAPPED):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)


def _name_kind(address: Address) -> str | None:
    kinds = {
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "unspecified": address.is_unspecified or (address.version == 4 and int(address) >> 24 == 0),
        "private": not address.is_global,
    }
    return next((kind for kind, applies in kinds.items() if applies), None)
