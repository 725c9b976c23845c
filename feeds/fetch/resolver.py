"""Names to addresses, with a guard: a name that leads behind our own walls leads nowhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from feeds.fetch.addresses import explain_private

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""A host name to its addresses, OSError if it has none."""


class PrivateAddressError(OSError):
    """A name was looked up and leads to an address that requests may not go to."""


async def look_up(host: str) -> Sequence[str]:
    """Ask the system's resolver, in a thread."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or longer than 63 characters
        raise OSError(f"{host[:80]!r} cannot be a host name") from error
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class GuardedResolver(AbstractResolver):
    """A resolver that refuses a name if any of its addresses is private: half-private answers are an attack as well."""

    def __init__(self, lookup: Lookup, *, allow_private: bool) -> None:
        self._lookup = lookup
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return every address of a host; OSError if there is none, PrivateAddressError if one may not be asked."""
        del family  # both families: the connector tries them in turn
        addresses = [ip_address(text.partition("%")[0]) for text in await self._lookup(host)]
        for address in addresses:
            refusal = explain_private(address, allow_private=self._allow_private)
            if refusal is not None:
                raise PrivateAddressError(refusal)
        if not addresses:
            raise OSError(f"{host} has no address")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""
