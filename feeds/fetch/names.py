"""Asking the domain name system. Whatever it does, the outcome is a value."""

from __future__ import annotations

from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

from feeds.mailboxes import DnsAnswer

_SECONDS = 5.0


class NameServer:
    """A name server answers for the whole of the domain name system: this machine's, or the one that is named.

    `where`: ADDRESS or ADDRESS:PORT, IPv6 in brackets; None: as the machine is configured.
    """

    def __init__(self, where: str | None, seconds: float = _SECONDS) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=where is None)
        self._resolver.lifetime = seconds
        if where is not None:
            parts = urlsplit(f"//{where}")
            self._resolver.nameservers = [parts.hostname or ""]
            self._resolver.port = parts.port or 53

    async def ask(self, name: str, kind: str) -> DnsAnswer:
        """Return the records of a name: `TXT`, `A`, `AAAA` or `MX` (hosts only, in order of preference)."""
        try:
            found = await self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return DnsAnswer(name, kind)
        except (dns.exception.DNSException, OSError) as error:
            return DnsAnswer(name, kind, problem=str(error).partition(":")[0] or type(error).__name__)
        values = sorted(found, key=lambda one: one.preference) if kind == "MX" else found
        return DnsAnswer(name, kind, tuple(_read_value(one, kind) for one in values))

    async def ask_addresses(self, name: str) -> tuple[str, ...]:
        """Return a name's addresses of both families; empty if it has none or nobody knows."""
        answers = [await self.ask(name, kind) for kind in ("A", "AAAA")]
        return tuple(value for answer in answers for value in answer.values)

    async def ask_name_of(self, address: str) -> DnsAnswer:
        """Return the names of an address."""
        return await self.ask(str(dns.reversename.from_address(address)).rstrip("."), "PTR")


def _read_value(record: object, kind: str) -> str:
    if kind == "TXT":
        strings: tuple[bytes, ...] = getattr(record, "strings", ())
        return b"".join(strings).decode("utf-8", "replace")
    named = {"MX": "exchange", "PTR": "target", "A": "address", "AAAA": "address"}[kind]
    return str(getattr(record, named)).rstrip(".")
