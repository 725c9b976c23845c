"""Asking a portal for a page. Whatever the other side does, the outcome is a value.

get       a place at the portal's gate, shared with other processes
  | check     own host, no private address, the scheme that its TLS mode allows       (at every hop)
  | robots    what the portal's robots.txt permits, asked for once a day
  | turn      the portal's spacing, or that it wants to be left alone
  | ask       one request, read to its end under size cap and deadline
  | follow    a redirect inside the portal: check again; five at most
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self
from urllib.parse import quote

import aiohttp
import httpx

from feeds.errors import StoreError
from feeds.fetch.addresses import explain_private, host_and_port, is_own_host, join_location, parse_url, read_literal
from feeds.fetch.body import read_body
from feeds.fetch.cookies import CookieShelf
from feeds.fetch.politeness import Gate
from feeds.fetch.problems import WIRE_ERRORS, explain_error
from feeds.fetch.resolver import GuardedResolver, Lookup, look_up
from feeds.fetch.robots import Rules, find_robots, make_rules, name_origin, read_agent, read_robots
from feeds.fetch.sharing import ALONE, RobotsText, Shared
from feeds.fetch.tls import make_context
from feeds.fetch.waits import find_pause, read_retry_after
from feeds.fetch.wire import Wire, read_headers
from feeds.model import Fetched, FetchFailure, Portal, Validators

MOST_REDIRECTS = 5
_FILE_PATIENCE = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
FindProxy = Callable[[str, str], str | None]
_WAY_OUT = '`robots = "ignore"` in the portal\'s file asks all the same, and is yours to answer for'
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class _Hop:
    """A hop is one redirect: from where, to where (None: the portal did not say)."""

    status: int
    target: httpx.URL | None


class PortalClient:
    """The client for every portal of an installation; an asynchronous context manager, which closes its connections.

    `clock` gives seconds that only rise, `jitter` numbers from 0 to 1, `lookup` the addresses of a name;
    `shared` is what this process shares with the installation's others;
    `find_proxy` names the environment's proxy for a scheme and host, None: there is none.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Callable[[], float],
        jitter: Callable[[], float],
        lookup: Lookup = look_up,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        shared: Shared = ALONE,
        find_proxy: FindProxy = lambda _scheme, _host: None,
    ) -> None:
        self._user_agent = user_agent
        self._agent = read_agent(user_agent)
        self._clock = clock
        self._jitter = jitter
        self._lookup = lookup
        self._sleep = sleep
        self._shared = shared
        self._find_proxy = find_proxy
        self._rules: dict[tuple[str, str], Rules] = {}
        self._gates: dict[str, Gate] = {}
        self._cookies = CookieShelf()
        self._wires: dict[tuple[str, bool, str | None], Wire] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wires.clear()
        await self._stack.aclose()

    async def get(self, portal: Portal, url: str, validators: Validators | None = None) -> Fetched | FetchFailure:
        """Return the page at `url` with its final address, or why there is none; any status is a page.

        With `validators` the answer may be a 304 without a body. Waits as long as the portal's politeness wants; the
        deadline counts only the time that the portal takes.
        """
        return await self._visit(portal, self._find_gate(portal), url, validators)

    async def get_file(
        self, portal: Portal, url: str, most_bytes: int, validators: Validators | None = None
    ) -> Fetched | FetchFailure:
        """Return a file of up to `most_bytes` as `get` does a page. Its bytes are in memory, twice at worst.

        Where a portal is asked over several connections a file may take four times as long as a page: the others are
        left for what somebody waits for.
        """
        politeness = portal.politeness
        seconds = politeness.deadline_seconds * (_FILE_PATIENCE if politeness.connections > 1 else 1)
        patient = replace(politeness, max_bytes=most_bytes, deadline_seconds=seconds)
        return await self._visit(replace(portal, politeness=patient), self._find_gate(portal), url, validators)

    async def _visit(
        self, portal: Portal, gate: Gate, url: str, validators: Validators | None
    ) -> Fetched | FetchFailure:
        try:
            async with gate.enter():
                outcome = await self._follow(portal, gate, url, self._make_headers(portal, validators))
        except StoreError as fault:
            outcome = FetchFailure(url, "no turn", f"{url} is not asked, since nobody says whose turn it is: {fault}")
        except TimeoutError:
            outcome = FetchFailure(
                url, "no turn", f"{url} was given up: our place at the portal is somebody else's now"
            )
        return replace(outcome, url=url) if isinstance(outcome, FetchFailure) else outcome

    async def _follow(
        self, portal: Portal, gate: Gate, url: str, headers: dict[str, str], seconds: float | None = None
    ) -> Fetched | FetchFailure:
        """Ask for `url` and follow where it leads. `seconds` are left for it; None: all, and robots.txt counts."""
        target = parse_url(url)
        if target is None:
            return FetchFailure(url, "protocol", f"{url[:200]!r} is no http or https address")
        remaining = portal.politeness.deadline_seconds if seconds is None else seconds
        delay = 0.0
        origin: httpx.URL | None = None
        asked: set[tuple[str, str]] = set()
        while True:
            cookies = self._cookies.write_header(target, portal.name)
            visit = (str(target), cookies)
            refusal = check_target(portal, target, origin) or _check_circle(visit, asked)
            if refusal is not None:
                return refusal
            asked.add(visit)
            if seconds is None and portal.robots == "obey":
                rules, took = await self._find_rules(portal, gate, target, remaining)
                remaining -= took
                if isinstance(rules, FetchFailure):
                    return rules
                if (why := rules.explain_refusal(target, self._agent)) is not None:
                    return FetchFailure(str(target), "robots", f"{target} is not asked: {why}; {_WAY_OUT}")
                delay = rules.find_delay(self._agent)
            if (closed := await gate.wait_turn(delay)) > 0:
                return _leave_alone(str(target), closed)
            started = self._clock()
            said = {**headers, "Cookie": cookies} if cookies else headers
            outcome = await self._ask(portal, target, said, remaining)
            remaining -= self._clock() - started
            if not isinstance(outcome, _Hop):
                if (pause := find_pause(outcome)) is not None:
                    await gate.close(pause)
                return outcome
            if outcome.target is None:
                return FetchFailure(url, "redirect", f"{target} answers {outcome.status} without an address to follow")
            origin, target = target, outcome.target

    async def _find_rules(
        self, portal: Portal, gate: Gate, url: httpx.URL, seconds: float
    ) -> tuple[Rules | FetchFailure, float]:
        """Return what robots.txt says of an address's origin, and the seconds that the portal took to say it."""
        name = portal.name, name_origin(url)
        kept = self._rules.get(name)
        if kept is not None and self._clock() < kept.until:
            return kept, 0.0
        shelf = self._shared.robots
        if shelf is not None and (text := await shelf.find(*name)) is not None:
            rules = self._rules[name] = make_rules(text, self._clock())
            return rules, 0.0
        said: RobotsText | FetchFailure | None = None
        started = self._clock()
        try:
            headers = self._make_headers(portal, None)
            said = read_robots(await self._follow(portal, gate, str(find_robots(url)), headers, seconds))
            took = self._clock() - started
        finally:
            if shelf is not None:
                await shelf.put(*name, said if isinstance(said, RobotsText) else None)
        if isinstance(said, FetchFailure):
            return said, took
        rules = self._rules[name] = make_rules(said, self._clock())
        return rules, took

    async def _ask(
        self, portal: Portal, target: httpx.URL, said: Mapping[str, str], seconds: float
    ) -> Fetched | FetchFailure | _Hop:
        """Make one request and read the answer to its end. Nothing stays open, also when cancelled."""
        url = str(target)
        status: int | None = None
        limit = asyncio.timeout(max(seconds, 0))
        wire = self._find_wire(portal, target)
        try:
            async with limit, wire.get(url, said) as response:
                status = response.status
                headers = read_headers(response.raw_headers)
                if "set-cookie" in headers:
                    self._cookies.take_from(target, response.raw_headers, portal.name)
                return await _read_answer(response, headers, target, portal.politeness.max_bytes)
        except WIRE_ERRORS as error:
            if limit.expired():
                state = "no answer" if status is None else f"its answer ({status}) did not end"
                return FetchFailure(url, "timeout", f"{url}: {state} within {portal.politeness.deadline_seconds:g} s")
            return explain_error(url, error)

    def _make_headers(self, portal: Portal, validators: Validators | None) -> dict[str, str]:
        """Return what every request of a fetch says."""
        headers = {
            "User-Agent": self._user_agent,
            "Accept": _ACCEPT,
            "Accept-Language": portal.language,
            "Accept-Encoding": "gzip",
            # Gateways that hand out a list's rows as data refuse whoever does not come from the portal's own pages.
            "Referer": portal.base_url,
        }
        if validators is not None and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators is not None and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        return {name: _keep_printable(value) or quote(value, safe=_PRINTABLE) for name, value in headers.items()}

    def _find_gate(self, portal: Portal) -> Gate:
        """Return the portal's gate; a new one where its politeness was configured anew."""
        gate = self._gates.get(portal.name)
        if gate is None or gate.politeness != portal.politeness:
            open_turnstile = self._shared.open_turnstile
            stile = open_turnstile(portal.name, portal.politeness.connections) if open_turnstile else None
            gate = self._gates[portal.name] = Gate(portal.politeness, self._clock, self._sleep, self._jitter, stile)
        return gate

    def _choose_proxy(self, portal: Portal, url: httpx.URL) -> str | None:
        """Return the proxy for a request; what is on this machine is never asked through one."""
        host, _ = host_and_port(url)
        address = read_literal(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return None
        return portal.proxy or self._find_proxy(url.scheme, host)

    def _find_wire(self, portal: Portal, url: httpx.URL) -> Wire:
        """Return the connections for the portal's TLS mode; portals on private networks have others than public ones.

        A proxy looks up the portal's name itself: only literals are guarded then, and its own address may be private.
        """
        proxy = self._choose_proxy(portal, url)
        key = (portal.tls, portal.allow_private, proxy)
        if key not in self._wires:
            resolver = GuardedResolver(self._lookup, allow_private=portal.allow_private or proxy is not None)
            wire = self._wires[key] = Wire(make_context(portal.tls), resolver, proxy)
            self._stack.push_async_callback(wire.close)
        return self._wires[key]


def check_target(portal: Portal, url: httpx.URL, origin: httpx.URL | None) -> FetchFailure | None:
    """Return why a request to `url` may not leave, None if it may. `origin` is what redirected there, if anything."""
    name = url if origin is None else f"{origin} redirects to {url}, which"
    host, _ = host_and_port(url)
    address = read_literal(host)
    refusal = address and explain_private(address, allow_private=portal.allow_private)
    if refusal:
        return FetchFailure(str(url), "private address", f"{name} is not asked: {refusal}")
    if not is_own_host(portal, url):
        reason = "redirect" if origin else "foreign host"
        problem = f"{name} is not on a host of {portal.name}: `hosts` would name it"
        return FetchFailure(str(url), reason, problem, target=str(url.copy_with(userinfo=b"")))
    if url.scheme == "https" and portal.tls == "http":
        return FetchFailure(str(url), "tls", f'{name} is https, and {portal.name} is set to tls = "http"')
    if url.scheme == "http" and origin is not None and origin.scheme == "https":
        return FetchFailure(str(url), "redirect", f"{name} is no longer https")
    return None


def _leave_alone(url: str, seconds: float) -> FetchFailure:
    problem = f"{url} is not asked: the portal said that it wants to be left alone for {seconds:.0f} s yet"
    return FetchFailure(url, "left alone", problem, retry_after=seconds)


def _check_circle(visit: tuple[str, str], asked: Collection[tuple[str, str]]) -> FetchFailure | None:
    """Refuse what was asked before with the same cookies, and what takes too many redirects."""
    if visit in asked:
        return FetchFailure(visit[0], "redirect", f"{visit[0]} redirects in a circle")
    if len(asked) > MOST_REDIRECTS:
        return FetchFailure(visit[0], "redirect", f"more than {MOST_REDIRECTS} redirects, lastly to {visit[0]}")
    return None


async def _read_answer(
    response: aiohttp.ClientResponse, headers: dict[str, str], url: httpx.URL, most: int
) -> Fetched | FetchFailure | _Hop:
    if response.status in _REDIRECTS:
        locations = [value for name, value in response.raw_headers if name.lower() == b"location"]
        return _Hop(response.status, join_location(url, locations[0]) if locations else None)
    name = str(url)
    body = b"" if response.status == 304 else await read_body(response.content.iter_any(), headers, most, name)
    if isinstance(body, FetchFailure):
        return replace(body, retry_after=read_retry_after(headers))
    validators = Validators(_keep_printable(headers.get("etag")), _keep_printable(headers.get("last-modified")))
    return Fetched(name, response.status, body, headers, validators)


def _keep_printable(value: str | None) -> str | None:
    """Keep what can be sent as it is."""
    return value if value and value.isascii() and value.isprintable() else None
