"""Where requests may go: the portal's own hosts, and nothing behind our own walls."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

import httpx
import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st

from feeds.fetch.addresses import explain_private, host_and_port, is_own_host, join_location, parse_url, read_literal
from feeds.fetch.client import PortalClient
from feeds.fetch.resolver import look_up
from feeds.model import Fetched, FetchFailure, Portal
from tests.fetch.servers import HASTE, by_path, make_portal, page, redirect, serving

PRIVATE = [
    "127.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[::127.0.0.1]",
    "[::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::]",
    "0.0.0.0",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "127.1",
    "127.0.0.1.",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
]
PUBLIC = ["8.8.8.8", "223.5.5.5", "2400:3200::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "::8.8.8.8"]


def make_public_portal(base_url: str) -> Portal:
    return Portal("linjiang", "临江市人大常委会", base_url, channels=(), politeness=HASTE, tls="http")


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_never_asked_however_it_is_spelled(client: PortalClient, host: str) -> None:
    async with serving(page()) as server:
        url = f"http://{host}:{server.port}/"
        failure = await client.get(make_public_portal(url), url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.connections) == ("private address", 0)
    assert " address, " in failure.problem


@pytest.mark.parametrize("host", [host for host in PRIVATE if ":" not in host])
def test_what_the_system_takes_for_an_address_is_read_as_one(host: str) -> None:
    """The guard and the resolver must not disagree about what 0x7f.1 is."""
    asked = host.rstrip(".")
    found = socket.getaddrinfo(asked, 80, type=socket.SOCK_STREAM)[0][4][0]
    assert str(read_literal(asked)) == found


@pytest.mark.parametrize("host", ["localhost", "www.linjiang.example", "1.2.3.4.example", "0x7f.example", ""])
def test_a_name_is_not_read_as_an_address(host: str) -> None:
    assert read_literal(host) is None


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_may_be_asked(text: str) -> None:
    address = read_literal(text)
    assert address is not None
    assert explain_private(address, allow_private=False) is None


@pytest.mark.parametrize("text", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "0.1.2.3"])
def test_what_no_portal_has_is_refused_even_where_private_addresses_are_allowed(text: str) -> None:
    address = read_literal(text)
    assert address is not None
    assert explain_private(address, allow_private=True)


@pytest.mark.parametrize("text", ["2001:0:7f00:1::1", "2001:0:808:808:0:0:80ff:fffe"])
def test_an_address_inside_a_teredo_address_counts(text: str) -> None:
    """RFC 4380: the server's address stands in bits 32 to 63, the client's, inverted, at the end."""
    address = read_literal(text)
    assert address is not None
    assert explain_private(address, allow_private=False)


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["::1"], ["8.8.8.8", "10.0.0.1"], ["fe80::1%eth0"]])
async def test_a_name_that_leads_behind_our_walls_is_not_followed(answers: list[str]) -> None:
    """DNS is the portal's: it may answer anything, also one public and one private address."""

    async def lookup(host: str) -> Sequence[str]:
        return answers

    client = PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, lookup=lookup)
    async with client, serving(page()) as server:
        url = f"http://www.linjiang.example:{server.port}/"
        failure = await client.get(make_public_portal(url), url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.connections) == ("private address", 0)


async def test_what_a_private_portal_looked_up_does_not_open_the_door_for_others() -> None:
    async def lookup(host: str) -> Sequence[str]:
        return ["127.0.0.1"]

    client = PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, lookup=lookup)
    async with client, serving(page()) as server:
        url = f"http://intranet.example:{server.port}/"
        first = await client.get(make_portal(server, hosts=(f"intranet.example:{server.port}",)), url)
        second = await client.get(make_public_portal(url), url)
    assert isinstance(first, Fetched)
    assert isinstance(second, FetchFailure)
    assert second.reason == "private address"


async def test_the_system_resolver_is_guarded_as_well(client: PortalClient) -> None:
    failure = await client.get(make_public_portal("http://localhost:9/"), "http://localhost:9/")
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "private address"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid", "a..invalid"])
async def test_a_name_without_an_address_is_a_dns_failure(client: PortalClient, host: str) -> None:
    failure = await client.get(make_public_portal(f"http://{host}/"), f"http://{host}/")
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, host[:20] in failure.problem) == ("dns", True)


async def test_a_resolver_that_answers_nothing_is_a_dns_failure() -> None:
    async def lookup(host: str) -> Sequence[str]:
        return []

    async with PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, lookup=lookup) as client:
        failure = await client.get(make_public_portal("http://linjiang.example/"), "http://linjiang.example/")
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "dns"


async def test_the_system_resolver_gives_each_address_once() -> None:
    found = await look_up("127.0.0.1")
    assert found == ["127.0.0.1"]


@pytest.mark.parametrize(
    "target", ["http://[::1]:{0}/x", "http://0x7f.1:{0}/x", "//169.254.169.254/latest", "http://10.0.0.1/"]
)
async def test_a_redirect_to_a_private_address_is_not_followed(client: PortalClient, target: str) -> None:
    """Loopback is allowed for this portal, and still only its own address."""
    async with serving(page()) as inner, serving(redirect(target.format(inner.port))) as server:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert failure.reason in {"private address", "redirect"}
    assert inner.connections == 0


async def test_a_redirect_out_of_the_portal_names_both_addresses(client: PortalClient) -> None:
    async with serving(page()) as other, serving(redirect(f"{other.url}/x")) as server:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, other.connections) == ("redirect", 0)
    assert failure.problem == (
        f"{server.url} redirects to {other.url}/x, which is not on a host of linjiang: `hosts` would name it"
    )


async def test_an_address_on_a_foreign_host_is_not_asked_at_all(client: PortalClient) -> None:
    """Lists link to other sites; a notice from there is shown as a link and not read."""
    async with serving(page()) as other, serving(by_path(root=page())) as server:
        failure = await client.get(make_portal(server), other.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, other.connections) == ("foreign host", 0)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://www.linjiang.example/a", True),
        ("https://WWW.linjiang.example./a", True),
        ("http://www.linjiang.example:80/", True),
        ("http://www.linjiang.example:8080/", False),
        ("http://static.linjiang.example/", True),
        ("http://files.linjiang.example:81/", True),
        ("http://files.linjiang.example/", False),
        ("http://linjiang.example/", False),
        ("http://www.linjiang.example@evil.example/", False),
        ("http://www.linjiang.example.evil.example/", False),
        ("http://xn--fiqs8s.example/", True),
    ],
)
def test_a_portal_has_its_base_host_and_the_ones_named_beside_it(url: str, own: bool) -> None:
    hosts = ("static.linjiang.example", "files.linjiang.example:81", "中国.example", "[broken")
    portal = Portal("linjiang", "", "http://www.linjiang.example/rd/", (), hosts=hosts)
    target = parse_url(url)
    assert target is not None
    assert is_own_host(portal, target) is own


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        (b"a.htm", "http://linjiang.example/rd/a.htm"),
        (b" /a b.htm ", "http://linjiang.example/a%20b.htm"),
        (b"?page=2#x", "http://linjiang.example/rd/?page=2"),
        (b"\xe5\x85\xac", "http://linjiang.example/rd/%E5%85%AC"),
        (b"http://[::1", None),
        (b"//", "http://linjiang.example/rd/"),
        (b"tel:110", None),
    ],
)
def test_a_location_leads_to_an_address_or_nowhere(location: bytes, leads: str | None) -> None:
    found = join_location(httpx.URL("http://linjiang.example/rd/"), location)
    assert (None if found is None else str(found)) == leads


@given(st.binary(max_size=60))
def test_no_location_whatever_raises(location: bytes) -> None:
    found = join_location(httpx.URL("http://linjiang.example/rd/"), location)
    assert found is None or found.scheme in {"http", "https"}


@given(st.text(alphabet="http:/@\\.?#[]%0x127localhost é中", max_size=40))
def test_the_guard_and_the_wire_read_the_same_host(text: str) -> None:
    """Two parsers see an address, ours and aiohttp's: where they disagree, a guard can be walked around."""
    url = parse_url(f"http://{text}")
    if url is not None:
        host, port = host_and_port(url)
        try:
            wire = yarl.URL(str(url))
        except ValueError:
            return  # then nothing leaves
        assert ((wire.raw_host or "").rstrip("."), wire.port) == (host.strip("[]"), port)
