"""Posting to webhooks and robots. Whatever the other side does, the outcome is a value, and never names the address.

post      one request, no redirect followed
  | check     no private address, unless the target may have one
  | send      a body, within a deadline
  | read      the status, and the beginning of what is said
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import httpx

from feeds.fetch.addresses import explain_private, host_and_port, parse_url, read_literal
from feeds.fetch.body import read_body
from feeds.fetch.client import FindProxy
from feeds.fetch.problems import WIRE_ERRORS, explain_error
from feeds.fetch.resolver import GuardedResolver, Lookup, look_up
from feeds.fetch.tls import make_context
from feeds.fetch.waits import read_retry_after
from feeds.fetch.wire import Wire, read_headers
from feeds.model import FetchFailure

DEADLINE_SECONDS = 20.0
MOST_READ = 64_000
"""Bytes of an answer; what is longer says nothing."""
_NO_ADDRESS = "the target's address is no http or https address"
_UNSENT = frozenset({"dns", "tls", "private address"})
"""Reasons that come before anything was sent."""


@dataclass(frozen=True)
class PostReply:
    """A post reply is what a server answered to a POST; any status, redirects too."""

    status: int
    body: bytes
    """Empty if it was too long, or broke off."""
    retry_after: float | None
    """Seconds that it asked us to wait."""


@dataclass(frozen=True)
class PostFailure:
    """A post failure is why there is no reply, in a sentence that names the host only."""

    reason: str
    problem: str
    unsent: bool
    """Nothing of the message went out; else it may have arrived."""


class Poster:
    """What posts for an installation; an asynchronous context manager, which closes its connections.

    `lookup` gives the addresses of a name, `find_proxy` the environment's proxy for a scheme and host.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        lookup: Lookup = look_up,
        find_proxy: FindProxy = lambda _scheme, _host: None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._lookup = lookup
        self._find_proxy = find_proxy
        self._seconds = seconds
        self._wires: dict[tuple[bool, str | None], Wire] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wires.clear()
        await self._stack.aclose()

    async def post(
        self, address: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool = False
    ) -> PostReply | PostFailure:
        """Post a body to an address and return what was answered, or why there is no answer."""
        url = parse_url(address)
        if url is None:
            return PostFailure("protocol", _NO_ADDRESS, unsent=True)
        if refusal := find_refusal(address, allow_private=allow_private):
            return PostFailure("private address", refusal, unsent=True)
        host, _ = host_and_port(url)
        name, limit = f"{url.scheme}://{host}", asyncio.timeout(self._seconds)
        wire = self._find_wire(url, allow_private=allow_private)
        said = {**self._headers, "Content-Type": "application/json; charset=utf-8", **headers}
        try:
            async with limit, wire.post(str(url), said, body) as response:
                return await _read_reply(response, name)
        except WIRE_ERRORS as error:
            if limit.expired():
                return PostFailure("timeout", f"{name}: no answer within {self._seconds:g} s", unsent=False)
            failure = explain_error(name, error)
            unsent = failure.reason in _UNSENT or isinstance(error, aiohttp.ClientConnectorError)
            return PostFailure(failure.reason, failure.problem, unsent)

    def _find_wire(self, url: httpx.URL, *, allow_private: bool) -> Wire:
        """Return the connections for a target; what is on this machine is never asked through a proxy."""
        host, _ = host_and_port(url)
        address = read_literal(host)
        local = host == "localhost" or (address is not None and address.is_loopback)
        proxy = None if local else self._find_proxy(url.scheme, host)
        key = (allow_private, proxy)
        if key not in self._wires:
            resolver = GuardedResolver(self._lookup, allow_private=allow_private or proxy is not None)
            # on a connection that the other side closes just now, nobody knows whether a message arrived
            wire = self._wires[key] = Wire(make_context("strict"), resolver, proxy, force_close=True)
            self._stack.push_async_callback(wire.close)
        return self._wires[key]


def find_refusal(address: str, *, allow_private: bool) -> str | None:
    """Return why nothing may be posted to an address, by what it says itself; None if it may."""
    url = parse_url(address)
    if url is None:
        return _NO_ADDRESS
    literal = read_literal(host_and_port(url)[0])
    refusal = literal and explain_private(literal, allow_private=allow_private)
    return refusal.replace("the portal's allow_private is off", "it was not allowed") if refusal else None


async def _read_reply(response: aiohttp.ClientResponse, name: str) -> PostReply:
    headers = read_headers(response.raw_headers)
    try:
        body = await read_body(response.content.iter_any(), headers, MOST_READ, name)
    except WIRE_ERRORS:
        body = b""
    return PostReply(response.status, b"" if isinstance(body, FetchFailure) else body, read_retry_after(headers))
