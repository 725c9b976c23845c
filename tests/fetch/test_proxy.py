"""Requests through a proxy: the portal's own or the environment's, and never for what is on this machine."""

from __future__ import annotations

import time

import pytest

from feeds.fetch.client import PortalClient
from feeds.model import Fetched
from tests.fetch.servers import make_portal, page, serving

FAR = "http://www.linjiang.example/list"


@pytest.mark.parametrize("source", ["portal", "environment"])
async def test_a_portal_is_asked_through_its_proxy_which_looks_its_name_up(source: str) -> None:
    async with serving(page()) as proxy:
        environment = proxy.url if source == "environment" else "http://127.0.0.1:9"
        client = PortalClient(
            user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, find_proxy=lambda _scheme, _host: environment
        )
        portal = make_portal(
            proxy,
            allow_private=False,
            hosts=("www.linjiang.example",),
            proxy=proxy.url if source == "portal" else None,
        )
        async with client:
            assert isinstance(await client.get(portal, FAR), Fetched)
    assert [request.target for request in proxy.requests] == [FAR]


async def test_what_is_on_this_machine_is_never_asked_through_a_proxy() -> None:
    async with serving(page()) as proxy, serving(page()) as server:
        client = PortalClient(
            user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, find_proxy=lambda _scheme, _host: proxy.url
        )
        async with client:
            assert isinstance(await client.get(make_portal(server, proxy=proxy.url), server.url), Fetched)
    assert (len(proxy.requests), len(server.requests)) == (0, 1)
